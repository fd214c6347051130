"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { ConfirmButton } from "@/components/confirm-button";

export function DeleteModel({ slug, name }: { slug: string; name: string }) {
  const t = useTranslations("insight.delete");
  const router = useRouter();
  const remove = async () => {
    await call(`/v1/models/${encodeURIComponent(name)}`, { method: "DELETE", tenant: slug });
    router.push(`/${slug}/models`);
    router.refresh();
  };
  return (
    <ConfirmButton
      variant="ghost"
      title={t("title")}
      text={
        <>
          {t("text")}
          <span className="mt-2 block font-mono text-xs break-all">{name}</span>
        </>
      }
      action={t("confirm")}
      onConfirm={remove}
    >
      {t("delete")}
    </ConfirmButton>
  );
}
