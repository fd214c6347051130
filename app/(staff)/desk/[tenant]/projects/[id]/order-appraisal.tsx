"use client";
import { useTranslations } from "next-intl";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { useAct } from "@/components/use-act";

export function OrderAppraisal({ slug, versionId }: { slug: string; versionId: string }) {
  const t = useTranslations("projects.samples");
  const { isBusy, act } = useAct();
  const path = `/api/desk/customers/${slug}/versions/${versionId}/appraisal`;
  const order = () => act(() => call(path, { method: "POST" }), t("ordered"));
  return (
    <Button size="sm" variant="secondary" isLoading={isBusy} onClick={order}>
      {t("order")}
    </Button>
  );
}
