/**
 * How an error falls with the rows behind it: a curve of three parameters, fitted by Bayes' rule on a grid of them, so that
 * whoever reads on from it knows what the points leave open. Arithmetic alone: pages read stored points with it.
 */

/** Variance of a score from which n rows were drawn to train on, over that of judging n rows. */
export const DRAW_SHARE = 0.5;

export interface CurvePoints {
  /** Training rows behind each point, ascending. */
  sizes: readonly number[];
  /** Error at each size, 0..1. */
  errors: readonly number[];
  /**
   * Of the errors: the noise of the judged rows, with what judging the same rows brings between sizes, and that of the
   * draw of the training rows.
   */
  covariance: readonly (readonly number[])[];
  /** Rows that were judged. */
  judged: number;
}

/** A node of the grid. */
interface Node {
  /** Error at the last size. */
  level: number;
  /** The share of it that no number of rows takes away. */
  floor: number;
  slope: number;
  weight: number;
}

/** Error at a number of rows, given as its ratio to the last size. */
export type Curve = (node: Node, ratio: number) => number;

/** level · (floor + (1 − floor) · ratio^−slope): a power law (Hestness et al. 2017; Viering & Loog 2021, POW3). */
export const powerLaw: Curve = ({ level, floor, slope }, ratio) =>
  level * (floor + (1 - floor) * ratio ** -slope);

/**
 * The odds of being right, not the error, follow a power of the rows. Nearly a power law where errors are few; where
 * most is still wrong it rises faster and faster first, as macro-F1 does while rare classes begin to be found at all.
 */
export const oddsLaw: Curve = ({ level, floor, slope }, ratio) => {
  const error = Math.min(level, MOST_ERROR);
  const odds = (1 - error) / (error * (1 - floor));
  return error * floor + (1 - error * floor) / (1 + odds * ratio ** slope);
};
const MOST_ERROR = 0.999;

/**
 * The posterior over the curve's parameters given the measured points.
 * The prior is flat in level, leans to a low floor (density ∝ (1 − floor)²: within a few doublings real curves
 * look nearly like pure power laws) and to slopes around 0.3 (log-normal, σ = 1).
 */
export function fitCurve({ sizes, errors: y, covariance, judged }: CurvePoints, curve: Curve): Node[] {
  const precision = invert(covariance);
  const lastSize = sizes.at(-1) ?? 1;
  const lastError = Math.max(y.at(-1) ?? 0, 1 / judged);
  const spread = Math.sqrt((lastError * (1 - lastError)) / judged + 1e-6);
  const nodes: Node[] = [];
  for (let i = -12; i <= 12; i++) {
    const level = lastError + (i / 3) * spread;
    if (level <= 0) continue;
    for (let floor = 0; floor < 0.96; floor += 0.04)
      for (let logSlope = -4; logSlope <= 0.7; logSlope += 0.1) {
        const node = { level, floor, slope: Math.exp(logSlope), weight: 0 };
        const off = y.map((error, at) => error - curve(node, (sizes[at] ?? 1) / lastSize));
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

/** Quantile of a mixture of normal distributions within 0..1, by bisection. */
export function quantile(
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
export function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    0.3989422804 *
    Math.exp((-z * z) / 2) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z > 0 ? 1 - tail : tail;
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
