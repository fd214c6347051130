import type { AppraisalReport } from "./ml/appraisal";

/** <= 45 minutes for 10,000 rows of 64 tokens on two cores. */
export const DEFAULT_BUDGET_MINUTES = 45;

/** Minutes of a training that may choose its recipe, half of the time and nine times of ten, by the recipes' own estimates. */
export interface TrainingForecast {
  p50Minutes: number;
  p90Minutes: number;
}

/** Of the price that was fixed with the order, where a training is later than its p90. */
export const LATE_CREDIT_PERCENT = 50;

/** Seconds of a point with as many epochs as ordered; null where it was not asked what one costs. */
function secondsAt(point: AppraisalReport["training"][number], of: Percentile, ordered: number | undefined) {
  if (ordered === undefined) return point[of];
  return point.epochs ? point[of] + (ordered - point.epochs.usual) * point.epochs[of] : null;
}
type Percentile = "p50Seconds" | "p90Seconds";

/** Null for a task whose recipes were not asked. A training keeps to the budget, so it takes no longer than that. */
export function trainingForecast(
  { training }: Pick<AppraisalReport, "training">,
  rows: number,
  budgetMinutes = DEFAULT_BUDGET_MINUTES,
  epochs?: number | undefined,
): TrainingForecast | null {
  const at = training.findIndex((point) => point.rows >= rows);
  const above = training[at < 0 ? training.length - 1 : Math.max(at, 1)];
  const below = training[at < 0 ? training.length - 2 : Math.max(at, 1) - 1];
  if (!above || !below) return null;
  const way = (rows - below.rows) / (above.rows - below.rows);
  const minutes = (of: Percentile) => {
    const [from, to] = [secondsAt(below, of, epochs), secondsAt(above, of, epochs)];
    if (from === null || to === null) return null;
    const seconds = Math.max(0, from + way * (to - from));
    return Math.max(1, Math.min(budgetMinutes, Math.ceil(seconds / 60)));
  };
  const [p50Minutes, p90Minutes] = [minutes("p50Seconds"), minutes("p90Seconds")];
  return p50Minutes === null || p90Minutes === null ? null : { p50Minutes, p90Minutes };
}
