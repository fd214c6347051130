import type { Forecast } from "../contract";
import { nestedOrder } from "../data/split";

/**
 * How accuracy grows with rows, measured on nested shares of the training rows, and what more rows would bring.
 * The curve is a power law with an asymptote (Hestness et al. 2017; Viering & Loog 2021, POW3), fitted by Bayes'
 * rule on a grid of its three parameters, so that the forecast's interval knows what the points leave open.
 */

/** Shares of a fold's training rows; the whole is known from cross-validation already. */
export const SHARES = [1 / 8, 1 / 4, 1 / 2] as const;

/** Answers of models fitted on growing shares, on rows that none of them had seen. */
export interface Measured {
  /** Training rows behind each point, ascending; the last one is a whole fold. */
  sizes: number[];
  /** [size][held row]: whether it was right. Every size judges the same rows, the first ones of `whole`. */
  right: boolean[][];
  /** Whether each row was right at the last size: the rows of `right`, then those judged at that size alone. */
  whole: boolean[];
  /** Class numbers of the rows of `whole`. */
  labels: Int32Array;
}

/** Why no forecast is given. */
export type CurveRefusal = "too_few_rows" | "not_rising" | "too_uncertain";

/**
 * Fits growing shares of some folds' training rows.
 * @param labels class numbers of all rows. @param folds fold number of each row.
 * @param isRight whether each row was right out of fold, by models fitted on whole folds.
 * @param used folds to measure on; each costs `SHARES` summed, times one whole fit.
 * @param answer predicted class numbers of `held` by a model fitted on `train`, both row numbers.
 */
export async function measureLearningCurve(
  labels: Int32Array,
  folds: Int32Array,
  isRight: readonly boolean[],
  used: readonly number[],
  seed: number,
  answer: (train: readonly number[], held: readonly number[]) => Promise<Int32Array>,
): Promise<Measured> {
  const every = [...labels.keys()];
  const right: boolean[][] = SHARES.map(() => []);
  const judged: number[] = [];
  const sizes = new Float64Array(SHARES.length + 1);
  for (const fold of used) {
    const held = every.filter((row) => folds[row] === fold);
    const inside = every.filter((row) => folds[row] !== fold);
    const order = nestedOrder(labels, inside, seed + fold);
    for (const [i, share] of SHARES.entries()) {
      const train = order.slice(0, Math.round(order.length * share));
      const predicted = await answer(train, held);
      right[i]?.push(...held.map((row, at) => labels[row] === predicted[at]));
      sizes[i] = (sizes[i] ?? 0) + train.length / used.length;
    }
    sizes[SHARES.length] = (sizes[SHARES.length] ?? 0) + order.length / used.length;
    judged.push(...held);
  }
  const isUsed = new Set(used);
  const rest = every.filter((row) => !isUsed.has(folds[row] ?? -1));
  const order = [...judged, ...rest];
  return {
    sizes: [...sizes].map(Math.round),
    right: [...right, judged.map((row) => isRight[row] ?? false)],
    whole: order.map((row) => isRight[row] ?? false),
    labels: Int32Array.from(order, (row) => labels[row] as number),
  };
}

/** Which classes the last doubling of rows helped, most first; classes with under five judged rows say nothing. */
export function classGains({ right, labels }: Measured): { label: number; before: number; after: number }[] {
  const [half, whole] = [right.at(-2) ?? [], right.at(-1) ?? []];
  const counts = new Map<number, { n: number; before: number; after: number }>();
  for (const [row, after] of whole.entries()) {
    const label = labels[row] as number;
    const own = counts.get(label) ?? { n: 0, before: 0, after: 0 };
    own.n += 1;
    own.before += Number(half[row]);
    own.after += Number(after);
    counts.set(label, own);
  }
  // Shrunk as if four more rows had not changed: one lucky row of five is no finding.
  const gain = ({ n, before, after }: { n: number; before: number; after: number }) =>
    (after - before) / (n + 4);
  return [...counts]
    .filter(([, own]) => own.n >= 5 && own.after > own.before)
    .sort(([, a], [, b]) => gain(b) - gain(a))
    .map(([label, { n, before, after }]) => ({ label, before: before / n, after: after / n }));
}

export const LEAST_CURVE_ROWS = 200;
/** Of the interval beyond the measured sizes: with a wider one "about x %" says nothing. */
const WIDEST = 0.12;
/** Variance of accuracy from which n rows were drawn to train on, over that of judging n rows. */
const DRAW_SHARE = 0.5;

/** Measured accuracy at each size: differences on the shared rows, added to the level over all rows. */
export function pointsOf({ sizes, right, whole }: Measured): { rows: number; accuracy: number }[] {
  const level = mean(whole.map(Number));
  const last = mean((right.at(-1) ?? []).map(Number));
  return sizes.map((rows, i) => ({ rows, accuracy: mean((right[i] ?? []).map(Number)) - last + level }));
}

/** Nodes of the grid: error(n) = level · (floor + (1 − floor) · (n / n₀)^−slope), n₀ the last size. */
interface Node {
  level: number;
  floor: number;
  slope: number;
  weight: number;
}
const errorAt = ({ level, floor, slope }: Node, ratio: number) =>
  level * (floor + (1 - floor) * ratio ** -slope);

/**
 * The posterior over the power law given the measured points. Their noise is that of the held rows, with the
 * covariance between sizes that judging the same rows brings, and that of the draw of the training rows.
 * The prior is flat in level, leans to a low floor (density ∝ (1 − floor)²: within a few doublings real curves
 * look nearly like pure power laws) and to slopes around 0.3 (log-normal, σ = 1).
 */
function fitPosterior(measured: Measured): Node[] {
  const { sizes, right, whole } = measured;
  const points = pointsOf(measured);
  const y = points.map((point) => 1 - point.accuracy);
  const precision = invert(covarianceOf(sizes, right, whole));
  const lastSize = sizes.at(-1) ?? 1;
  const lastError = Math.max(y.at(-1) ?? 0, 1 / whole.length);
  const spread = Math.sqrt((lastError * (1 - lastError)) / whole.length + 1e-6);
  const nodes: Node[] = [];
  for (let i = -12; i <= 12; i++) {
    const level = lastError + (i / 3) * spread;
    if (level <= 0) continue;
    for (let floor = 0; floor < 0.96; floor += 0.04)
      for (let logSlope = -4; logSlope <= 0.7; logSlope += 0.1) {
        const node = { level, floor, slope: Math.exp(logSlope), weight: 0 };
        const off = y.map((error, at) => error - errorAt(node, (sizes[at] ?? 1) / lastSize));
        const misfit = off.reduce(
          (sum, a, r) => sum + off.reduce((part, b, c) => part + a * b * (precision[r]?.[c] ?? 0), 0),
          0,
        );
        node.weight = 2 * Math.log(1 - floor) - 0.5 * (misfit + (logSlope - Math.log(0.3)) ** 2);
        nodes.push(node);
      }
  }
  const most = nodes.reduce((max, node) => Math.max(max, node.weight), Number.NEGATIVE_INFINITY);
  const kept = nodes
    .map((node) => ({ ...node, weight: Math.exp(node.weight - most) }))
    .filter((node) => node.weight > 1e-5);
  const total = kept.reduce((sum, node) => sum + node.weight, 0);
  return kept.map((node) => ({ ...node, weight: node.weight / total }));
}

/** Covariance of the points as `pointsOf` makes them. */
function covarianceOf(sizes: readonly number[], right: readonly boolean[][], whole: readonly boolean[]) {
  const last = right.at(-1) ?? [];
  const differences = right.map((own) => own.map((is, row) => Number(is) - Number(last[row])));
  const level = last.map(Number);
  const [used, all] = [Math.max(1, last.length), Math.max(1, whole.length)];
  const lastVariance = covariance(level, level);
  return sizes.map((one, i) =>
    sizes.map((_, j) => {
      const [a, b] = [differences[i] ?? [], differences[j] ?? []];
      const shared =
        covariance(a, b) / used + (covariance(a, level) + covariance(b, level) + lastVariance) / all;
      const error = 1 - mean((right[i] ?? []).map(Number));
      return shared + (i === j ? (DRAW_SHARE * error * (1 - error)) / one + 1e-7 : 0);
    }),
  );
}

/**
 * Accuracy to expect with other numbers of training rows.
 * @param measuredOn rows that the expected accuracy would be measured on; its sampling noise is in the interval.
 * @returns a refusal where the curve would promise what it does not know.
 */
export function forecastAccuracy(
  measured: Measured,
  rows: readonly number[],
  measuredOn = measured.whole.length,
): { forecasts: Forecast[] } | { refusal: CurveRefusal } {
  if (measured.whole.length < LEAST_CURVE_ROWS || (measured.sizes[0] ?? 0) < 10)
    return { refusal: "too_few_rows" };
  const points = pointsOf(measured);
  const [first, last] = [points[0]?.accuracy ?? 0, points.at(-1)?.accuracy ?? 0];
  if (last < first) return { refusal: "not_rising" };
  const nodes = fitPosterior(measured);
  const lastSize = measured.sizes.at(-1) ?? 1;
  const forecasts = rows.map((count) => {
    const expected = nodes.map((node) => {
      const error = Math.min(1, errorAt(node, count / lastSize));
      const variance = error * (1 - error) * (1 / measuredOn + DRAW_SHARE / count);
      return { weight: node.weight, mean: 1 - error, deviation: Math.sqrt(variance + 1e-8) };
    });
    const at = (share: number) => quantile(expected, share);
    return { rows: count, accuracy: at(0.5), low: at(0.05), high: at(0.95) };
  });
  if (forecasts.some(({ rows: count, low, high }) => count > lastSize && high - low > WIDEST))
    return { refusal: "too_uncertain" };
  return { forecasts };
}

/** Quantile of a mixture of normal distributions within 0..1, by bisection. */
function quantile(
  parts: readonly { weight: number; mean: number; deviation: number }[],
  share: number,
): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 30; i++) {
    const x = (low + high) / 2;
    const below = parts.reduce(
      (sum, part) => sum + part.weight * normalBelow((x - part.mean) / part.deviation),
      0,
    );
    if (below < share) low = x;
    else high = x;
  }
  return (low + high) / 2;
}

/** Standard normal distribution function, within 1e-7 (Abramowitz & Stegun 26.2.17). */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    0.3989422804 *
    Math.exp((-z * z) / 2) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z > 0 ? 1 - tail : tail;
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function covariance(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)];
  return a.reduce((sum, value, i) => sum + (value - ma) * ((b[i] ?? 0) - mb), 0) / Math.max(1, a.length - 1);
}

/** Inverse of a small symmetric positive definite matrix by Gauss-Jordan elimination. */
function invert(matrix: readonly (readonly number[])[]): number[][] {
  const n = matrix.length;
  const work = matrix.map((row, i) => [...row, ...Array.from({ length: n }, (_, j) => (i === j ? 1 : 0))]);
  for (const [i, pivot] of work.entries()) {
    const scale = pivot[i] ?? 1;
    for (let j = 0; j < 2 * n; j++) pivot[j] = (pivot[j] ?? 0) / scale;
    for (const [r, row] of work.entries()) {
      const factor = row[i] ?? 0;
      if (r === i || factor === 0) continue;
      for (let j = 0; j < 2 * n; j++) row[j] = (row[j] ?? 0) - factor * (pivot[j] ?? 0);
    }
  }
  return work.map((row) => row.slice(n));
}
