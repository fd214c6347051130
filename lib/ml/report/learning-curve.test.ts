import { expect, test } from "vitest";
import { generator } from "../linear/svm";
import {
  classGains,
  forecastAccuracy,
  type Measured,
  measureLearningCurve,
  pointsOf,
} from "./learning-curve";

/** Points of a known law: each row has a difficulty, and is right once the error has sunk below it. */
function drawn(rows: number, errorAt: (n: number) => number, seed: number): Measured {
  const random = generator(seed);
  const difficulties = Array.from({ length: rows }, random);
  const sizes = [rows / 10, rows / 5, (2 * rows) / 5, (4 * rows) / 5].map(Math.round);
  const right = sizes.map((n) => difficulties.map((one) => one > errorAt(n)));
  return { sizes, right, whole: right.at(-1) ?? [], labels: new Int32Array(rows) };
}

test("nine of ten forecasts of a power law hold the truth, and they are narrower than their refusal", () => {
  const errorAt = (n: number) => Math.min(0.9, 1.6 * n ** -0.3);
  const truth = 1 - errorAt(8000);
  const found = Array.from({ length: 40 }, (_, seed) =>
    forecastAccuracy(drawn(2000, errorAt, seed + 1), [8000]),
  );
  const forecasts = found.flatMap((one) => ("forecasts" in one ? one.forecasts : []));
  expect(forecasts.length).toBeGreaterThan(35);
  const covered = forecasts.filter(({ low, high }) => truth >= low && truth <= high).length;
  expect(covered / forecasts.length).toBeGreaterThanOrEqual(0.85);
});

test("a curve that cannot be known is refused with its reason", () => {
  const flat = (n: number) => Math.min(0.9, 1.6 * n ** -0.3);
  expect(forecastAccuracy(drawn(120, flat, 1), [1000])).toEqual({ refusal: "too_few_rows" });
  expect(forecastAccuracy(drawn(300, flat, 1), [30_000])).toEqual({ refusal: "too_uncertain" });
  expect(
    forecastAccuracy(
      drawn(2000, (n) => 0.2 + n / 20_000, 1),
      [4000],
    ),
  ).toEqual({ refusal: "not_rising" });
});

test("a wide interval within the measured sizes refuses no forecast beyond them", () => {
  const measured = drawn(500, (n) => Math.min(0.9, 5 * n ** -0.6), 2);
  const found = forecastAccuracy(measured, [50, 1000]);
  expect(found).toMatchObject({ forecasts: [{ rows: 50 }, { rows: 1000 }] });
});

test("shares are measured on rows outside of the fold, and the whole fold is not fitted again", async () => {
  const labels = Int32Array.from({ length: 200 }, (_, row) => row % 2);
  const folds = labels.map((_, row) => Math.floor(row / 40));
  const asked: number[] = [];
  const isRight = [...labels].map((_, row) => row % 10 !== 0);
  const measured = await measureLearningCurve(labels, folds, isRight, [0, 1], 1, async (train, held) => {
    asked.push(train.length);
    expect(train.some((row) => held.includes(row))).toBe(false);
    return Int32Array.from(held, () => 0);
  });
  expect(asked).toEqual([20, 40, 80, 20, 40, 80]);
  expect(measured.sizes).toEqual([20, 40, 80, 160]);
  expect(measured.whole).toHaveLength(200);
  expect(pointsOf(measured).map((point) => point.accuracy)).toEqual(
    [0.5, 0.5, 0.5, 0.9].map((x) => expect.closeTo(x)),
  );
});

test("classes are named by what the last doubling brought, and lucky rows of tiny classes are not", () => {
  const labels = Int32Array.from({ length: 43 }, (_, row) => (row < 20 ? 0 : row < 40 ? 1 : 2));
  const half = [...labels].map((label, row) => label === 0 || row % 2 === 0);
  const gains = classGains({ sizes: [10, 20], right: [half, half.map(() => true)], whole: [], labels });
  expect(gains).toEqual([{ label: 1, before: 0.5, after: 1 }]);
});
