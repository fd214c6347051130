import type { useTranslations } from "next-intl";
import type { Acceptance } from "./scope";

type Words = ReturnType<typeof useTranslations<"projects.quote">>;

export const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

/** The rule of a milestone as a sentence, the same on every page. */
export function ruleText(t: Words, acceptance: Acceptance | null): string {
  if (!acceptance) return t("noRule");
  const { metric, of = "", threshold, rule, minRows, maxRuns, reviewDays } = acceptance;
  return t("rule", {
    metric: t(`metrics.${metric}`, { of: metric === "automation" ? percent(Number(of)) : of }),
    threshold: percent(threshold),
    rule: t(`rules.${rule}`),
    ...{ rows: minRows, runs: maxRuns, days: reviewDays },
  });
}
