import type { Csr } from "../data/features";
import type { LinearHead } from "./softmax-head";

/**
 * One-against-rest linear support vector machines with squared hinge loss by dual coordinate descent
 * (Hsieh et al., ICML 2008, algorithm 1 with random order; what LinearSVC solves). The bias is one more
 * feature of value 1, so it is lightly regularised, as there.
 * @param labels class numbers, one a row. Throws when aborted.
 */
export function fitSvm(
  x: Csr,
  labels: Int32Array,
  classes: number,
  options: {
    c: number;
    seed: number;
    maxPasses?: number;
    signal?: AbortSignal;
    onClass?(done: number): void;
  },
): LinearHead {
  const weights = new Float32Array(x.columns * classes);
  const bias = new Float32Array(classes);
  const diagonal = 0.5 / options.c;
  const norms = new Float64Array(x.rows);
  for (let row = 0; row < x.rows; row++) {
    let sum = 1 + diagonal;
    for (let at = x.starts[row] as number; at < (x.starts[row + 1] as number); at++)
      sum += (x.values[at] as number) ** 2;
    norms[row] = sum;
  }
  const order = Int32Array.from({ length: x.rows }, (_, i) => i);
  const random = generator(options.seed);
  const w = new Float64Array(x.columns);
  for (let k = 0; k < classes; k++) {
    options.signal?.throwIfAborted();
    w.fill(0);
    const alphas = new Float64Array(x.rows);
    let b = 0;
    for (let pass = 0; pass < (options.maxPasses ?? 30); pass++) {
      shuffle(order, random);
      let worst = 0;
      for (const row of order) {
        const y = labels[row] === k ? 1 : -1;
        const [from, to] = [x.starts[row] as number, x.starts[row + 1] as number];
        let margin = b;
        for (let at = from; at < to; at++)
          margin += (w[x.indices[at] as number] as number) * (x.values[at] as number);
        const alpha = alphas[row] as number;
        const gradient = y * margin - 1 + diagonal * alpha;
        const projected = alpha === 0 ? Math.min(gradient, 0) : gradient;
        if (projected === 0) continue;
        worst = Math.max(worst, Math.abs(projected));
        const next = Math.max(alpha - gradient / (norms[row] as number), 0);
        const change = (next - alpha) * y;
        if (change === 0) continue;
        alphas[row] = next;
        b += change;
        for (let at = from; at < to; at++) {
          const i = x.indices[at] as number;
          w[i] = (w[i] as number) + change * (x.values[at] as number);
        }
      }
      if (worst < 0.02) break;
    }
    for (let i = 0; i < x.columns; i++) weights[i * classes + k] = w[i] as number;
    bias[k] = b;
    options.onClass?.(k + 1);
  }
  return { inputs: x.columns, classes, weights, bias };
}

/** Margins [rows, classes] of sparse rows. */
export function sparseLogits(head: LinearHead, x: Csr): Float32Array {
  const { classes } = head;
  const out = new Float32Array(x.rows * classes);
  for (let row = 0; row < x.rows; row++) {
    const target = out.subarray(row * classes, (row + 1) * classes);
    target.set(head.bias);
    for (let at = x.starts[row] as number; at < (x.starts[row + 1] as number); at++) {
      const base = (x.indices[at] as number) * classes;
      const value = x.values[at] as number;
      for (let c = 0; c < classes; c++)
        target[c] = (target[c] as number) + value * (head.weights[base + c] as number);
    }
  }
  return out;
}

/** Mulberry32: a small seeded generator, 0 <= x < 1. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Standard normal numbers from the same generator (Box & Muller 1958). */
export function normalGenerator(seed: number): () => number {
  const random = generator(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Fisher-Yates in place. */
export function shuffle(list: unknown[] | Int32Array, random: () => number): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = list[i];
    list[i] = list[j] as number;
    list[j] = kept as number;
  }
}
