"use client";
import { Download } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { ConfirmButton } from "@/components/confirm-button";

export function FileActions({ slug, id, mayDelete }: { slug: string; id: string; mayDelete: boolean }) {
  const t = useTranslations("portal.file");
  const router = useRouter();
  const remove = async () => {
    await call(`/v1/files/${id}`, { method: "DELETE", tenant: slug });
    toast.success(t("deleted"));
    router.push(`/${slug}/datasets`);
    router.refresh();
  };
  return (
    <>
      {mayDelete && (
        <ConfirmButton
          variant="ghost"
          title={t("deleteTitle")}
          text={t("deleteText")}
          action={t("deleteAction")}
          onConfirm={remove}
        >
          {t("delete")}
        </ConfirmButton>
      )}
      <Button asChild variant="secondary">
        <a href={`/v1/files/${id}/content?graft_tenant=${encodeURIComponent(slug)}`} download>
          <Download aria-hidden />
          {t("download")}
        </a>
      </Button>
    </>
  );
}
