"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { useErrorText } from "@/components/use-error-text";

/** Orders the same training on the corrected rows and goes where it can be watched. */
export function TrainAgain({ slug, modelId, count }: { slug: string; modelId: string; count: number }) {
  const t = useTranslations("insight.labelIssues");
  const errorText = useErrorText();
  const router = useRouter();
  const [isBusy, setIsBusy] = useState(false);
  const order = async () => {
    setIsBusy(true);
    try {
      const { id } = await call<{ id: string }>(`/api/models/${modelId}/retrain`, {
        tenant: slug,
        method: "POST",
      });
      router.push(`/${slug}/jobs/${id}`);
    } catch (error) {
      toast.error(errorText(error));
      setIsBusy(false);
    }
  };
  return (
    <Button size="sm" onClick={order} isLoading={isBusy}>
      {t("train", { count })}
    </Button>
  );
}
