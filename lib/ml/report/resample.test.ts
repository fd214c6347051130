import { expect, test } from "vitest";
import { generator } from "../linear/svm";
import { absoluteErrors, halfWidth, moments, pearson, ranksOf } from "./numbers";
import { estimateOf, pairedEstimate, scoreOf } from "./resample";
import { chooseThresholds, countLabels, macroF1, microF1 } from "./several-labels";

const normal = (random: () => number) =>
  Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());

test("the interval of a correlation holds the true one in about 95 of 100 draws", () => {
  const random = generator(7);
  const rho = 0.6;
  const held = Array.from({ length: 60 }, (_, draw) => {
    const x = Float64Array.from({ length: 150 }, () => normal(random));
    const y = x.map((one) => rho * one + Math.sqrt(1 - rho * rho) * normal(random));
    const { low, high } = estimateOf(moments(x, y), pearson, draw);
    return low <= rho && rho <= high;
  }).filter(Boolean).length;
  expect(held).toBeGreaterThanOrEqual(52);
});

test("figures of rows that are all right are not certain: fewer rows leave more open", () => {
  const right = (rows: number) => ({ values: new Float64Array(rows).fill(1), width: 1 });
  const share = (rows: number) => estimateOf(right(rows), ([sum = 0]) => Math.min(1, sum / rows));
  expect(share(36)).toMatchObject({ value: 1, high: 1 });
  expect(share(36).low).toBeCloseTo(0.904, 2);
  expect(share(1000).low).toBeGreaterThan(0.99);
});

test("figures over the same rows are compared draw by draw: equal ones differ by nothing", () => {
  const random = generator(3);
  const x = Float64Array.from({ length: 200 }, () => normal(random));
  const y = x.map((one) => one + normal(random));
  const sums = moments(x, y);
  expect(pairedEstimate(sums, sums, pearson)).toEqual({ value: 0, low: 0, high: 0, error: 0 });
  const worse = moments(
    x,
    y.map((one) => one + 2 * normal(random)),
  );
  expect(pairedEstimate(sums, worse, pearson).low).toBeGreaterThan(0);
});

test("ranks share their mean where values are equal, and a monotone change keeps them", () => {
  expect([...ranksOf(Float64Array.of(3, 1, 3, 2))]).toEqual([3.5, 1, 3.5, 2]);
  const x = Float64Array.of(0.1, 5, 2, 7, 3);
  const ranks = ranksOf(x);
  expect(scoreOf(moments(ranks, ranksOf(x.map(Math.exp))), pearson)).toBeCloseTo(1, 10);
});

test("conformal intervals cover new rows as promised, whatever the errors look like", () => {
  const random = generator(11);
  const skewed = (n: number) => Float64Array.from({ length: n }, () => Math.abs(normal(random)) ** 3);
  let [covered, asked] = [0, 0];
  for (let draw = 0; draw < 200; draw++) {
    const half = halfWidth(skewed(100));
    for (const error of skewed(50)) {
      covered += error <= half ? 1 : 0;
      asked += 1;
    }
  }
  expect(covered / asked).toBeGreaterThan(0.885);
  expect(covered / asked).toBeLessThan(0.925);
  expect([...absoluteErrors(Float64Array.of(1, 2), Float64Array.of(3, 2))]).toEqual([2, 0]);
});

test("a label's threshold is the one of the highest F1; one of few rows takes the common one, one of none is never given", () => {
  const rows = 60;
  const targets = new Uint8Array(rows * 3);
  const probabilities = new Float32Array(rows * 3);
  for (let row = 0; row < rows; row++) {
    targets.set([row < 30 ? 1 : 0, row < 3 ? 1 : 0, 0], row * 3);
    probabilities.set([row < 30 ? 0.3 : 0.1, row < 3 ? 0.29 : 0.05, 0.01], row * 3);
  }
  const thresholds = chooseThresholds({ labels: 3, targets, probabilities });
  expect(thresholds[0]).toBeCloseTo(0.2, 5);
  expect(thresholds[1]).toBeCloseTo((0.29 + 0.1) / 2, 5);
  expect(thresholds[2]).toBeGreaterThan(1);
  const sums = countLabels({ labels: 3, targets, probabilities }, () => thresholds);
  expect(scoreOf(sums, microF1)).toBe(1);
  expect(scoreOf(sums, macroF1)).toBe(1);
});
