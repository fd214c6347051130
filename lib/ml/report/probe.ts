import type { Probe, ProbedScore } from "../appraisal";
import { assignFolds, nestedOrder } from "../data/split";
import { generator } from "../linear/svm";
import { DRAW_SHARE } from "./curve";
import { SHARES } from "./learning-curve";
import { type Answered, decide, macroF1 } from "./metrics";

/** Scores of a cheap recipe out of fold at growing sizes: what a forecast for other sizes begins from. */

const FOLDS = 5;
const DRAWS = 200;
/** Below this many rows, or this many training rows at the first point, a curve is mostly chance. */
export const LEAST_PROBED_ROWS = 200;

interface Sample {
  /** Content hashes: equal texts are in one fold. */
  hashes: readonly string[];
  labels: Int32Array;
  classes: number;
  seed: number;
}

/**
 * Fits growing shares of every fold's training rows; every row is judged at every size by a model that had not seen it.
 * @param answer logits [held, classes] by a model fitted on `train`, both row numbers.
 * @returns also the logits [rows, classes] at the largest size.
 */
export async function probeSizes(
  recipe: string,
  { hashes, labels, classes, seed }: Sample,
  answer: (train: readonly number[], held: readonly number[]) => Promise<Float32Array>,
): Promise<{ probe: Probe; logits: Float32Array }> {
  const folds = assignFolds(hashes, labels, classes, FOLDS, seed);
  const shares = [...SHARES, 1];
  const logits = shares.map(() => new Float32Array(labels.length * classes));
  const sizes = new Float64Array(shares.length);
  const used = [...new Set(folds)];
  for (const fold of used) {
    const held = [...labels.keys()].filter((row) => folds[row] === fold);
    const inside = [...labels.keys()].filter((row) => folds[row] !== fold);
    const order = nestedOrder(labels, inside, seed + fold);
    for (const [i, share] of shares.entries()) {
      const train = order.slice(0, Math.round(order.length * share));
      const found = await answer(train, held);
      for (const [at, row] of held.entries())
        logits[i]?.set(found.subarray(at * classes, (at + 1) * classes), row * classes);
      sizes[i] = (sizes[i] as number) + train.length / used.length;
    }
  }
  const rounded = [...sizes].map(Math.round);
  const predicted = logits.map((own) => decide(own, classes).predicted);
  const score = (of: (answered: Answered) => number) => probedScore(of, labels, predicted, rounded, seed);
  const scores = { accuracy: score(shareRight), macro_f1: score((answered) => macroF1(answered, classes)) };
  const probe = { recipe, sizes: rounded, judged: labels.length, scores };
  return { probe, logits: logits.at(-1) ?? new Float32Array(0) };
}

function shareRight({ actual, predicted }: Answered): number {
  let right = 0;
  for (const [row, label] of actual.entries()) if (predicted[row] === label) right += 1;
  return right / Math.max(1, actual.length);
}

/** The score at each size, with the covariance of drawing rows to judge (bootstrap, the same rows for every size) and to learn from. */
function probedScore(
  score: (answered: Answered) => number,
  labels: Int32Array,
  predicted: readonly Int32Array[],
  sizes: readonly number[],
  seed: number,
): ProbedScore {
  const random = generator(seed);
  const n = labels.length;
  const values = predicted.map((own) => score({ actual: labels, predicted: own }));
  const draws = Array.from({ length: DRAWS }, () => {
    const rows = Int32Array.from({ length: n }, () => Math.floor(random() * n));
    const take = (from: Int32Array) => rows.map((row) => from[row] as number);
    const actual = take(labels);
    return predicted.map((own) => score({ actual, predicted: take(own) }));
  });
  const means = values.map((_, i) => draws.reduce((sum, draw) => sum + (draw[i] as number), 0) / DRAWS);
  const judging = values.map((_, i) =>
    values.map((_, j) => {
      const off = (draw: readonly number[], at: number) => (draw[at] as number) - (means[at] as number);
      return draws.reduce((sum, draw) => sum + off(draw, i) * off(draw, j), 0) / (DRAWS - 1);
    }),
  );
  const spreadOf = (value: number) => Math.max(value * (1 - value), 1 / n);
  const covariance = judging.map((row, i) =>
    row.map((both, j) =>
      i === j ? both + (DRAW_SHARE * spreadOf(values[i] as number)) / (sizes[i] as number) + 1e-7 : both,
    ),
  );
  const last = values.length - 1;
  const noise = ((judging[last]?.[last] ?? 0) * n) / spreadOf(values[last] as number);
  return { values, covariance, noise: Math.max(noise, 0.2) };
}
