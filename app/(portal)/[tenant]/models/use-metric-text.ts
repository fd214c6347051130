import { useFormatter, useTranslations } from "next-intl";
import { isShare } from "@/lib/ml/evaluation";

/** How a figure is said: shares as percentages, the others as numbers, under the metric's name. */
export function useMetricText() {
  const format = useFormatter();
  const t = useTranslations("insight.metrics");
  return {
    nameOf: (metric: string) => (t.has(metric) ? t(metric) : metric),
    textOf: (metric: string, value: number) =>
      isShare(metric)
        ? format.number(value, { style: "percent", maximumFractionDigits: 1 })
        : format.number(value, { minimumFractionDigits: 3, maximumFractionDigits: 3 }),
  };
}
