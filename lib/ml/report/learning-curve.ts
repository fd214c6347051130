import type { Forecast } from "../contract";
import { nestedOrder } from "../data/split";
import { DRAW_SHARE, fitCurve, powerLaw, quantile } from "./curve";

/**
 * How accuracy grows with rows, measured on nested shares of the training rows, and what more rows would bring.
 * The curve is a power law with an asymptote.
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

/** Measured accuracy at each size: differences on the shared rows, added to the level over all rows. */
export function pointsOf({ sizes, right, whole }: Measured): { rows: number; accuracy: number }[] {
  const level = mean(whole.map(Number));
  const last = mean((right.at(-1) ?? []).map(Number));
  return sizes.map((rows, i) => ({ rows, accuracy: mean((right[i] ?? []).map(Number)) - last + level }));
}

/** Covariance of the points as `pointsOf` makes them. */
function covarianceOf({ sizes, right, whole }: Measured) {
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
  const nodes = fitCurve(
    {
      sizes: measured.sizes,
      errors: points.map((point) => 1 - point.accuracy),
      covariance: covarianceOf(measured),
      judged: measured.whole.length,
    },
    powerLaw,
  );
  const lastSize = measured.sizes.at(-1) ?? 1;
  const forecasts = rows.map((count) => {
    const expected = nodes.map((node) => {
      const error = Math.min(1, powerLaw(node, count / lastSize));
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

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function covariance(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)];
  return a.reduce((sum, value, i) => sum + (value - ma) * ((b[i] ?? 0) - mb), 0) / Math.max(1, a.length - 1);
}
