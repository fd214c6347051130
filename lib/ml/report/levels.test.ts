import { expect, test } from "vitest";
import { generator } from "../linear/svm";
import { chooseCuts, evaluateLevels, levelsOf, placeOf, weightedKappa } from "./levels";
import { moments } from "./numbers";
import { scoreOf } from "./resample";

const LEVELS = [1, 2, 3, 5];

/** True levels with answers around them, on a grid so that some are equal, kept within the scale. */
function madeUp(seed: number, rows: number, noise: number) {
  const random = generator(seed);
  const actual = Float64Array.from({ length: rows }, () => LEVELS[Math.floor(random() * 4)] as number);
  const predicted = actual.map((one) => {
    const near = Math.round(10 * (one + noise * (random() + random() - 1))) / 10;
    return Math.min(5, Math.max(1, near));
  });
  return { actual, predicted };
}

function levelsOff({ actual, predicted }: ReturnType<typeof madeUp>, cuts: readonly number[]): number {
  return actual.reduce(
    (off, one, i) => off + Math.abs(LEVELS.indexOf(one) - placeOf(predicted[i] as number, cuts)),
    0,
  );
}

/** The fewest levels off of all cuts in order. */
function bruteForce(rows: ReturnType<typeof madeUp>): number {
  const places = [...new Set(rows.predicted), 6].sort((a, b) => a - b);
  const sums = places.flatMap((a, i) =>
    places.slice(i).flatMap((b, j) => places.slice(i + j).map((c) => levelsOff(rows, [a, b, c]))),
  );
  return Math.min(...sums);
}

test("cuts chosen one by one are as few levels off as the best of all cuts together, and in order", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const rows = madeUp(seed, 5 + (seed % 20), 0.5 + (seed % 5));
    const cuts = chooseCuts(LEVELS, rows.actual, rows.predicted);
    expect(levelsOff(rows, cuts)).toBe(bruteForce(rows));
    expect(cuts).toEqual([...cuts].sort((a, b) => a - b));
  }
});

test("a cut lies half way between the answers that it parts, and nearest to its levels' middle of equally good ones", () => {
  const cuts = (actual: number[], predicted: number[]) =>
    chooseCuts([1, 2], Float64Array.from(actual), Float64Array.from(predicted));
  expect(cuts([1, 1, 2, 2], [1, 1.1, 1.3, 1.6])).toEqual([expect.closeTo(1.2, 9)]);
  // One row is on the wrong side whether the cut is below 1.2 or above 1.4.
  expect(cuts([1, 2, 1, 2], [1.1, 1.2, 1.4, 1.8])).toEqual([expect.closeTo(1.6, 9)]);
});

test("where answers tell nothing, all rows get the level that most have", () => {
  const flat = (actual: number[]) =>
    chooseCuts([1, 2], Float64Array.from(actual), new Float64Array(5).fill(1.5));
  expect(placeOf(2, flat([1, 1, 1, 1, 2]))).toBe(0);
  expect(placeOf(1, flat([1, 2, 2, 2, 2]))).toBe(1);
});

test("few numbers that come back are a scale, rare ones and halves among them; prices and handfuls of rows are none", () => {
  const values = (rows: number, numberOf: (n: number) => number) =>
    levelsOf(Float64Array.from({ length: rows }, (_, n) => numberOf(n)));
  expect(values(25, (n) => 5 - (n % 5))).toEqual([1, 2, 3, 4, 5]);
  expect(values(24, (n) => 5 - (n % 5))).toEqual([]);
  expect(values(100, (n) => (n < 2 ? 4.5 : 1 + (n % 2)))).toEqual([1, 2, 4.5]);
  expect(values(110, (n) => n % 11)).toHaveLength(11);
  expect(values(1200, (n) => n % 12)).toEqual([]);
});

test("weighted kappa of moments is Cohen's, from observed and expected tables", () => {
  const { actual, predicted } = madeUp(3, 60, 2);
  const x = actual.map((one) => LEVELS.indexOf(one));
  const y = predicted.map((one) => placeOf(one, [1.5, 2.5, 4]));
  let [observed, expected] = [0, 0];
  for (const [i, a] of x.entries()) {
    observed += (a - (y[i] as number)) ** 2 / x.length;
    for (const b of y) expected += (a - b) ** 2 / x.length ** 2;
  }
  expect(scoreOf(moments(x, y), weightedKappa)).toBeCloseTo(1 - observed / expected, 12);
  expect(scoreOf(moments(x, x), weightedKappa)).toBe(1);
  const same = new Float64Array(9).fill(2);
  expect(scoreOf(moments(same, same), weightedKappa)).toBe(0);
});

test("rows are counted by true and answered level, those whose number is no level apart", () => {
  const actual = Float64Array.of(1, 2, 3, 5, 5, 4);
  const found = evaluateLevels(LEVELS, actual, [0, 0, 2, 3, 1, 3], [1.5, 2.5, 4]);
  expect(found).toMatchObject({
    levels: LEVELS,
    cuts: [1.5, 2.5, 4],
    n: 5,
    exact: { value: 3 / 5 },
    withinOne: { value: 4 / 5 },
    table: [
      [1, 0, 0, 0],
      [1, 0, 0, 0],
      [0, 0, 1, 0],
      [0, 1, 0, 1],
    ],
  });
  expect(evaluateLevels(LEVELS, Float64Array.of(4), [3], [])).toBeUndefined();
  expect(evaluateLevels([], actual, [], [])).toBeUndefined();
});
