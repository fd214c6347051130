import type { Estimate } from "../evaluation";
import { generator } from "../linear/svm";
import { wilson } from "./wilson";

/**
 * Intervals of figures that are functions of sums over rows (F1 of counts, correlation of moments) by the percentile
 * bootstrap over rows (Efron 1979): 400 seeded draws, the same rows drawn for every figure of as many rows, so that
 * two of them may be compared draw by draw.
 */
export interface Sums {
  /** [rows, width] row-major: what each row adds. */
  values: Float64Array;
  width: number;
}
type Score = (sums: Float64Array) => number;

const DRAWS = 400;
const [LOW, HIGH] = [Math.floor(DRAWS * 0.025), Math.ceil(DRAWS * 0.975) - 1];

function total({ values, width }: Sums, rows: Iterable<number>): Float64Array {
  const sums = new Float64Array(width);
  for (const row of rows)
    for (let j = 0; j < width; j++) sums[j] = (sums[j] as number) + (values[row * width + j] as number);
  return sums;
}

function draw(sums: Sums, score: Score, seed: number): number[] {
  const n = sums.values.length / sums.width;
  const random = generator(seed);
  const picked = new Int32Array(n);
  return Array.from({ length: DRAWS }, () => {
    for (let i = 0; i < n; i++) picked[i] = Math.floor(random() * n);
    return score(total(sums, picked));
  });
}

export const scoreOf = (sums: Sums, score: Score): number =>
  score(total(sums, Array(sums.values.length / sums.width).keys()));

const inOrder = (list: readonly number[]) => [...list].sort((a, b) => a - b);

export function estimateOf(sums: Sums, score: Score, seed = 1): Estimate {
  const value = scoreOf(sums, score);
  const drawn = inOrder(draw(sums, score, seed));
  // Where every row is right, draws of them tell nothing: as much as a share of as many right rows is then known.
  const rows = sums.values.length / sums.width;
  if (value === 1 && drawn[0] === 1) return wilson(rows, rows);
  return { value, low: Math.min(value, drawn[LOW] ?? value), high: Math.max(value, drawn[HIGH] ?? value) };
}

/** One score minus the other over the same rows, with its interval and its standard error. */
export function pairedEstimate(one: Sums, other: Sums, score: Score, seed = 1): Estimate & { error: number } {
  const value = scoreOf(one, score) - scoreOf(other, score);
  const others = draw(other, score, seed);
  const drawn = inOrder(draw(one, score, seed).map((a, i) => a - (others[i] as number)));
  const mean = drawn.reduce((a, b) => a + b, 0) / DRAWS;
  const error = Math.sqrt(drawn.reduce((a, b) => a + (b - mean) ** 2, 0) / (DRAWS - 1));
  return { value, low: drawn[LOW] ?? value, high: drawn[HIGH] ?? value, error };
}
