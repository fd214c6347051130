import { logOdds, MOST_LABELS } from "../report/occlusion";
import type { Told } from "../task";
import type { LabelOutput } from "./text-classification";

/** One label of several, by its calibrated logits. */
export const toldByLabel = {
  addsTo: "log_odds",
  weigh: logOdds,
  explained({ label, labels }) {
    const others = labels.map((one) => one.label).filter((one) => one !== label);
    return [label, ...others].slice(0, MOST_LABELS);
  },
} satisfies Omit<Told<never, LabelOutput>, "leaveOut">;
