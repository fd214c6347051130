import { expect, test } from "vitest";
import { generator } from "../linear/svm";
import { binomialBelow, chooseThresholds, upperBound } from "./abstention";
import { selectiveCurve } from "./metrics";

/** Rows whose answers are right as often as a known function of the confidence says. */
function draw(n: number, random: () => number) {
  const confidence = Float64Array.from({ length: n }, random);
  return { confidence, isRight: [...confidence].map((c) => random() < chance(c)) };
}
const chance = (c: number) => 0.55 + 0.44 * Math.sqrt(c);
/** Share wrong among all rows with confidence >= t, by integration: what no single draw knows. */
function riskAbove(t: number): number {
  const steps = Array.from({ length: 2000 }, (_, i) => t + ((i + 0.5) / 2000) * (1 - t));
  return steps.reduce((sum, c) => sum + 1 - chance(c), 0) / 2000;
}

test("the promise is broken in at most one draw of twenty", () => {
  const random = generator(11);
  const draws = 400;
  let [broken, given] = [0, 0];
  for (let i = 0; i < draws; i++) {
    const { confidence, isRight } = draw(1500, random);
    const [mine] = chooseThresholds(selectiveCurve(confidence, isRight), 1500, [0.1]);
    if (!mine) continue;
    given += 1;
    if (riskAbove(mine.threshold) > 0.1) broken += 1;
  }
  expect(given).toBeGreaterThan(draws / 2);
  // 5 % and two standard errors of 400 draws.
  expect(broken / draws).toBeLessThanOrEqual(0.05 + 2 * Math.sqrt((0.05 * 0.95) / draws));
});

test("accepting more wrong answers never answers less, and few rows promise nothing", () => {
  const { confidence, isRight } = draw(3000, generator(3));
  const found = chooseThresholds(selectiveCurve(confidence, isRight), 3000);
  for (const [i, one] of found.entries()) {
    expect(one.errorUpper).toBeLessThanOrEqual(one.accepted + 1e-6);
    expect(one.coverage.value).toBeGreaterThanOrEqual(found[i - 1]?.coverage.value ?? 0);
  }
  const few = draw(40, generator(3));
  expect(
    chooseThresholds(selectiveCurve(few.confidence, few.isRight), 40).filter((one) => one.accepted <= 0.05),
  ).toEqual([]);
});

test("the binomial tail and its bound are those of the tables", () => {
  expect(binomialBelow(2, 10, 0.3)).toBeCloseTo(0.3828, 4);
  expect(binomialBelow(10, 10, 0.3)).toBe(1);
  // The rule of three: no wrong one of 59 bounds the share at 5 %.
  expect(upperBound(0, 59)).toBeCloseTo(0.0495, 3);
});
