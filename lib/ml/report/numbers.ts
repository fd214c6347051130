import type { NumberEvaluation } from "../evaluation";
import { generator, shuffle } from "../linear/svm";
import { estimateOf, type Sums, scoreOf } from "./resample";
import { wilson } from "./wilson";

/** How near answered numbers are to the true ones, and the interval around an answer. */
export type Numbers = Float32Array | Float64Array;

/** Moments of pairs: 1, x, y, x², y², xy. */
export function moments(x: Numbers, y: Numbers): Sums {
  const values = new Float64Array(x.length * 6);
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i] as number, y[i] as number];
    values.set([1, a, b, a * a, b * b, a * b], i * 6);
  }
  return { values, width: 6 };
}

/** Pearson's correlation from summed moments; 0 where one side does not vary. */
export function pearson(sums: Float64Array): number {
  const [n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0] = sums;
  const spread = (n * xx - x * x) * (n * yy - y * y);
  return spread > 1e-12 ? (n * xy - x * y) / Math.sqrt(spread) : 0;
}

/** Ranks from 1, equal values share their mean rank; Pearson's correlation of ranks is Spearman's. */
export function ranksOf(values: Numbers): Float64Array {
  const order = [...values.keys()].sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to++;
    for (let i = from; i < to; i++) ranks[order[i] as number] = (from + to + 1) / 2;
    from = to;
  }
  return ranks;
}

export const absoluteErrors = (actual: Numbers, predicted: Numbers) =>
  Float64Array.from(actual, (a, i) => Math.abs(a - (predicted[i] as number)));
const meanOf = (sums: Float64Array) => (sums[0] as number) / (sums[1] as number);
const errorSums = (errors: Float64Array): Sums => {
  const values = new Float64Array(errors.length * 2);
  for (const [i, error] of errors.entries()) values.set([error, 1], i * 2);
  return { values, width: 2 };
};
export const meanAbsolute = (actual: Numbers, predicted: Numbers): number =>
  scoreOf(errorSums(absoluteErrors(actual, predicted)), meanOf);

/** Share of right answers that the interval around one promises to hold. */
export const COVERAGE = 0.9;

/**
 * Half the width of an interval that holds the truth of a new row with at least the stated coverage, whatever the
 * distribution, when rows come from the same source: split conformal prediction (Vovk et al. 2005; Lei et al. 2018)
 * with out-of-fold errors as in CV+ (Barber et al. 2021).
 */
export function halfWidth(errors: Numbers, coverage = COVERAGE): number {
  const sorted = Float64Array.from(errors).sort();
  const rank = Math.min(sorted.length, Math.ceil((sorted.length + 1) * coverage));
  return sorted[rank - 1] ?? 0;
}

const SHOWN_POINTS = 400;
const WORST = 50;

/** Everything that a report says about numbers, on rows that the model had not seen; half widths were taken on others. */
export function evaluateNumbers(
  kind: NumberEvaluation["kind"],
  rows: readonly { line: number; text: string }[],
  actual: Float64Array,
  predicted: Float64Array,
  halfOf: (place: number) => number,
): NumberEvaluation {
  const errors = absoluteErrors(actual, predicted);
  const covered = errors.reduce((n, error, i) => n + (error <= halfOf(i) ? 1 : 0), 0);
  const order = [...errors.keys()];
  const drawn = [...order];
  shuffle(drawn, generator(1));
  const pair = (i: number) => ({ actual: actual[i] as number, predicted: predicted[i] as number });
  return {
    measures: "number",
    kind,
    n: rows.length,
    pearson: estimateOf(moments(actual, predicted), pearson),
    spearman: estimateOf(moments(ranksOf(actual), ranksOf(predicted)), pearson),
    mae: estimateOf(errorSums(errors), meanOf),
    interval: {
      promised: COVERAGE,
      covered: wilson(covered, rows.length),
      meanWidth: (2 * order.reduce((sum, i) => sum + halfOf(i), 0)) / Math.max(1, order.length),
    },
    points: drawn.slice(0, SHOWN_POINTS).map(pair),
    worst: order
      .sort((a, b) => (errors[b] as number) - (errors[a] as number))
      .slice(0, WORST)
      .map((i) => ({ line: rows[i]?.line ?? 0, text: rows[i]?.text.slice(0, 300) ?? "", ...pair(i) })),
  };
}
