import type { JobState } from "./job-moves";
import type { ModelReport } from "./ml/contract";
import { LATE_CREDIT_PERCENT } from "./training-forecast";

/** What a training costs and how long it took, as pages and the model card say it. The price is that of the order. */
export type TrainingCost =
  | { is: "charged" | "due"; price: string }
  | { is: "credited"; price: string; percent: number }
  | { is: "free" | "no_plan" | "not_charged" };

export function costOf(
  state: JobState,
  price: { decimal: string; currency: string | null } | null,
  lateMinutes: number | null,
): TrainingCost {
  if (state === "failed" || state === "cancelled") return { is: "not_charged" };
  if (!price) return { is: "no_plan" };
  if (Number(price.decimal) === 0) return { is: "free" };
  const text = `${price.currency} ${price.decimal}`;
  if (state !== "succeeded") return { is: "due", price: text };
  if (lateMinutes === null) return { is: "charged", price: text };
  return { is: "credited", price: text, percent: LATE_CREDIT_PERCENT };
}

/** Time of the attempt that made the model: all its stages up to the report. */
export function timeOf({ seconds }: Pick<ModelReport, "seconds">): { minutes: number; seconds: number } {
  const whole = Math.round(Object.values(seconds).reduce((sum, one) => sum + one, 0));
  return { minutes: Math.floor(whole / 60), seconds: whole % 60 };
}
