import type { Counts } from "../data/features";
import { concatenate } from "../linear/matrix";
import type { ReadTexts } from "./linear-text";

/**
 * What a linear head reads of a row beside n-grams, by name: the embedding of its text, or of two texts how they stand to
 * each other. `portable/text-graph.ts` computes the same in a graph, but for the overlap, which is fed from here.
 */
export type DensePart = "embedding" | "side_by_side" | "overlap";

const NONE = new Float32Array(0);
const PARTS: Record<DensePart, (read: ReadTexts) => Float32Array> = {
  embedding: ({ vectors }) => vectors[0] ?? NONE,
  side_by_side: sideBySide,
  overlap: ({ counted }) => overlap(counted),
};

/** The parts of one row, one behind the other. */
export function readDense(parts: readonly DensePart[], read: ReadTexts): Float32Array {
  return concatenate(parts.map((part) => PARTS[part](read)));
}

/** |u - v|, u · v by component, and the cosine (Conneau et al. 2017; Reimers & Gurevych 2019). */
export function sideBySide({ vectors: [u = NONE, v = NONE] }: Pick<ReadTexts, "vectors">): Float32Array {
  const width = u.length;
  const out = new Float32Array(2 * width + 1);
  let cosine = 0;
  for (let i = 0; i < width; i++) {
    const [a, b] = [u[i] as number, v[i] as number];
    out[i] = Math.abs(a - b);
    out[width + i] = a * b;
    cosine += a * b;
  }
  out[2 * width] = cosine;
  return out;
}

/** Columns of `overlap`. */
export const OVERLAP_COLUMNS = 3;

/** Of the n-grams of two texts: the cosine of their damped counts, the share of them that both have, and the sizes'. */
export function overlap([one = new Map(), other = new Map()]: readonly Counts[]): Float32Array {
  const damped = (count: number) => 1 + Math.log(count);
  const norm = (counts: Counts) =>
    Math.sqrt([...counts.values()].reduce((sum, count) => sum + damped(count) ** 2, 0)) || 1;
  let [dot, both] = [0, 0];
  for (const [key, count] of one) {
    const there = other.get(key);
    if (there === undefined) continue;
    both += 1;
    dot += damped(count) * damped(there);
  }
  const [least, most] = [Math.min(one.size, other.size), Math.max(one.size, other.size)];
  return Float32Array.of(
    dot / (norm(one) * norm(other)),
    both / Math.max(1, one.size + other.size - both),
    least / Math.max(1, most),
  );
}
