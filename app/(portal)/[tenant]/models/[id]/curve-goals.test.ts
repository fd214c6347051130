import { expect, test } from "vitest";
import { goalsOf } from "./curve-goals";

/** One point more with each doubling, and a band of a point to both sides. */
const at = (rows: number) => {
  const accuracy = 0.8 + 0.01 * Math.log2(rows / 100);
  return { rows, accuracy, low: accuracy - 0.01, high: accuracy + 0.01 };
};
const curveOf = (now: number) => ({
  status: "given" as const,
  points: [],
  curve: Array.from({ length: 12 }, (_, i) => at(Math.round(100 * ((2 * now) / 100) ** (i / 11)))),
  now: at(now),
  twice: at(2 * now),
  classes: [],
});

test("the next whole percents are named with the rows that they take, as far as twice the rows reach", () => {
  const [goal, ...others] = goalsOf(curveOf(1131));
  expect(others).toEqual([]);
  expect(goal?.accuracy).toBe(0.84);
  // 84 % are four doublings of 100 rows.
  expect(Math.abs((goal?.more ?? 0) - (1600 - 1131))).toBeLessThanOrEqual(2);
  expect(goal?.least).toBe(0);
  expect(goal?.most).toBeNull();
});

test("a curve that gains less than the next percent names no goal", () => {
  const flat = curveOf(1131);
  expect(goalsOf({ ...flat, twice: { ...flat.twice, accuracy: flat.now.accuracy + 0.001 } })).toEqual([]);
});
