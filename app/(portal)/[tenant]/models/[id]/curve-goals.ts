import type { Forecast, LearningCurve } from "@/lib/ml/contract";

type Given = Extract<LearningCurve, { status: "given" }>;
export interface Goal {
  accuracy: number;
  /** More rows than now: by the fitted curve, and by the upper and the lower end of its band. */
  more: number;
  least: number;
  /** Null: more than the curve reaches, which is twice the rows of now. */
  most: number | null;
}
const SHOWN = 3;

/** How many more rows the next whole percents of accuracy take, as far as twice the rows reach. */
export function goalsOf({ curve, now, twice }: Given): Goal[] {
  const goals: Goal[] = [];
  for (let percent = Math.floor(now.accuracy * 100) + 1; goals.length < SHOWN; percent++) {
    const accuracy = percent / 100;
    if (accuracy > twice.accuracy) break;
    const more = (read: (point: Forecast) => number) => {
      const rows = rowsFor(accuracy, curve, read);
      return rows === null ? null : Math.max(0, Math.ceil(rows - now.rows));
    };
    const expected = more((point) => point.accuracy);
    if (expected) {
      const [least, most] = [more((point) => point.high) ?? 0, more((point) => point.low)];
      goals.push({ accuracy, more: expected, least, most });
    }
  }
  return goals;
}

/** Where a rising line reaches the goal, on a log scale of rows between two of its points. */
function rowsFor(goal: number, curve: readonly Forecast[], read: (point: Forecast) => number): number | null {
  const at = curve.findIndex((point) => read(point) >= goal);
  const [before, after] = [curve[at - 1], curve[at]];
  if (!after) return null;
  if (!before) return after.rows;
  const share = (goal - read(before)) / (read(after) - read(before));
  return before.rows * (after.rows / before.rows) ** share;
}
