import { type Counts, type Vocabulary, vectorise } from "../data/features";

/**
 * The n-gram part of a wide head as it is stored and served: int8 weights with one scale a class. It adds to logits
 * of any other part, so it stands beside a frozen embedding or a tuned one alike.
 */
export interface NgramBlock {
  vocabulary: Vocabulary;
  /** [n-grams, classes] row-major. */
  weights: Int8Array;
  /** One a class; how strongly the block counts beside the other part is inside. */
  scales: Float32Array;
}

/**
 * Rounds weights to int8: a quarter of the bytes, answers within a hundredth of their range.
 * @param weights [n-grams, classes] row-major, for unit-length n-gram rows.
 */
export function packNgrams(vocabulary: Vocabulary, weights: Float32Array, classes: number): NgramBlock {
  const scales = new Float32Array(classes);
  for (const [i, w] of weights.entries()) {
    const k = i % classes;
    scales[k] = Math.max(scales[k] as number, Math.abs(w) / 127);
  }
  const rounded = Int8Array.from(weights, (w, i) => Math.round(w / (scales[i % classes] || 1)));
  return { vocabulary, weights: rounded, scales };
}

/** The weights again as packed, [n-grams, classes] row-major. */
export const unpackNgrams = ({ weights, scales }: NgramBlock): Float32Array =>
  Float32Array.from(weights, (weight, i) => weight * (scales[i % scales.length] as number));

/** logits[row, class] += block, for rows given as n-gram counts. The one way to predict, in training and serving. */
export function addNgramLogits(block: NgramBlock, counted: readonly Counts[], logits: Float32Array): void {
  const classes = block.scales.length;
  const rows = vectorise(block.vocabulary, counted);
  const sums = new Float64Array(classes);
  for (let row = 0; row < rows.rows; row++) {
    sums.fill(0);
    const end = rows.starts[row + 1] as number;
    for (let at = rows.starts[row] as number; at < end; at++) {
      const from = (rows.indices[at] as number) * classes;
      const value = rows.values[at] as number;
      for (let c = 0; c < classes; c++)
        sums[c] = (sums[c] as number) + value * (block.weights[from + c] as number);
    }
    for (let c = 0; c < classes; c++) {
      const at = row * classes + c;
      logits[at] = (logits[at] as number) + (sums[c] as number) * (block.scales[c] as number);
    }
  }
}
