"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { ConfirmButton } from "@/components/confirm-button";

export function DeleteLabelling({ slug, id }: { slug: string; id: string }) {
  const t = useTranslations("labelling.delete");
  const router = useRouter();
  const remove = async () => {
    await call(`/api/labelling/${id}`, { method: "DELETE", tenant: slug });
    router.push(`/${slug}/datasets`);
    router.refresh();
  };
  return (
    <ConfirmButton
      variant="ghost"
      title={t("title")}
      text={t("text")}
      action={t("action")}
      onConfirm={remove}
    >
      {t("delete")}
    </ConfirmButton>
  );
}
