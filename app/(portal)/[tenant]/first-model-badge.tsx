import { useTranslations } from "next-intl";
import { Badge } from "@/components/badge";

/** Beside a model that answers while, or because, the final one of its job is not there. */
export function FirstModelBadge({ step }: { step: number | null }) {
  const t = useTranslations("insight.models");
  return step === null ? null : <Badge tone="info">{t("firstModel")}</Badge>;
}
