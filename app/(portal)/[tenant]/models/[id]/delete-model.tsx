"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Dialog, DialogClose } from "@/components/dialog";
import { useErrorText } from "@/components/use-error-text";

export function DeleteModel({ slug, name }: { slug: string; name: string }) {
  const t = useTranslations("insight.delete");
  const router = useRouter();
  const errorText = useErrorText();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const remove = async () => {
    setIsBusy(true);
    try {
      await call(`/v1/models/${encodeURIComponent(name)}`, { method: "DELETE", tenant: slug });
      router.push(`/${slug}/models`);
      router.refresh();
    } catch (caught) {
      setError(caught);
      setIsBusy(false);
    }
  };
  return (
    <Dialog
      trigger={<Button variant="ghost">{t("delete")}</Button>}
      title={t("title")}
      description={t("text")}
    >
      <p className="mb-4 font-mono text-xs break-all">{name}</p>
      {error !== null && <Alert tone="bad">{errorText(error)}</Alert>}
      <div className="mt-4 flex justify-end gap-2">
        <DialogClose asChild>
          <Button variant="secondary">{t("keep")}</Button>
        </DialogClose>
        <Button variant="danger" onClick={remove} isLoading={isBusy}>
          {t("confirm")}
        </Button>
      </div>
    </Dialog>
  );
}
