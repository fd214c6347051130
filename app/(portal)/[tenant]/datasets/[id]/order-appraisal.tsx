"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { Alert } from "@/components/alert";
import { call } from "@/components/call";
import { SubmitButton } from "@/components/submit-button";
import { useSubmit } from "@/components/use-submit";

export function OrderAppraisal({
  slug,
  versionId,
  isAgain,
}: {
  slug: string;
  versionId: string;
  isAgain: boolean;
}) {
  const t = useTranslations("readiness");
  const router = useRouter();
  const { isBusy, onSubmit, formError } = useSubmit([], async () => {
    await call(`/api/datasets/versions/${versionId}/appraisal`, { method: "POST", tenant: slug });
    router.refresh();
  });
  return (
    <form onSubmit={onSubmit} className="grid justify-items-end gap-2">
      <SubmitButton isLoading={isBusy}>{t(isAgain ? "retry" : "order")}</SubmitButton>
      {formError && <Alert tone="bad">{formError}</Alert>}
    </form>
  );
}
