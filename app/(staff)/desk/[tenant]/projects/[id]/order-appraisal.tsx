"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { useErrorText } from "@/components/use-error-text";

export function OrderAppraisal({ slug, versionId }: { slug: string; versionId: string }) {
  const t = useTranslations("projects.samples");
  const router = useRouter();
  const errorText = useErrorText();
  const [isBusy, setIsBusy] = useState(false);
  const order = async () => {
    setIsBusy(true);
    await call(`/api/desk/customers/${slug}/versions/${versionId}/appraisal`, { method: "POST" })
      .then(() => toast.success(t("ordered")))
      .catch((error: unknown) => toast.error(errorText(error)));
    setIsBusy(false);
    router.refresh();
  };
  return (
    <Button size="sm" variant="secondary" isLoading={isBusy} onClick={order}>
      {t("order")}
    </Button>
  );
}
