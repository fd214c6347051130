import { useTranslations } from "next-intl";
import type { TrainingCost as Cost } from "@/lib/training-cost";

/** What a training cost or will cost, in a few words. */
export function TrainingCost({ cost: { is, ...values } }: { cost: Cost }) {
  const t = useTranslations("portal.trainingCost");
  return t(is, values);
}
