import { generator, shuffle } from "../linear/svm";

/** Batches whose lengths are sorted within this many of them: little padding, yet a new mixture every epoch. */
const WINDOW = 16;

/**
 * The batches of one epoch, drawn from the seed and the epoch's number alone, so that a resumed run sees the same.
 * @param lengths tokens of each row. @returns row numbers, every row once.
 */
export function batchesOf(lengths: readonly number[], size: number, seed: number, epoch: number): number[][] {
  const random = generator(seed * 1009 + epoch + 1);
  const order = lengths.map((_, row) => row);
  shuffle(order, random);
  const batches: number[][] = [];
  for (let at = 0; at < order.length; at += size * WINDOW) {
    const window = order.slice(at, at + size * WINDOW);
    window.sort((a, b) => (lengths[a] as number) - (lengths[b] as number));
    for (let from = 0; from < window.length; from += size) batches.push(window.slice(from, from + size));
  }
  shuffle(batches, random);
  return batches;
}

/**
 * Padded tokens of one forward and backward pass. Everything in between is held until its end, about a megabyte a
 * token with six layers of width 384, so this bounds a tuning's memory whatever the texts' length.
 */
const PART_TOKENS = 1024;

/** A batch as parts of at most so many padded tokens, in its order; a row of more is a part of its own. */
export function partsOf(rows: readonly number[], lengths: readonly number[]): number[][] {
  const parts: number[][] = [];
  let longest = 0;
  for (const row of rows) {
    const last = parts.at(-1);
    longest = Math.max(longest, lengths[row] as number);
    if (last && longest * (last.length + 1) <= PART_TOKENS) last.push(row);
    else {
      parts.push([row]);
      longest = lengths[row] as number;
    }
  }
  return parts;
}

/** Like `batchesOf`, but rows come in pairs of one class, so that a contrastive loss has something to compare. */
export function pairedBatches(labels: Int32Array, size: number, seed: number, epoch: number): number[][] {
  const random = generator(seed * 1013 + epoch + 1);
  const byClass = new Map<number, number[]>();
  for (const [row, label] of labels.entries()) byClass.set(label, [...(byClass.get(label) ?? []), row]);
  const pairs: number[][] = [];
  for (const [, rows] of [...byClass].sort((a, b) => a[0] - b[0])) {
    shuffle(rows, random);
    for (let at = 0; at < rows.length; at += 2) pairs.push(rows.slice(at, at + 2));
  }
  shuffle(pairs, random);
  const batches: number[][] = [];
  for (const pair of pairs) {
    const last = batches.at(-1);
    if (last && last.length + pair.length <= size) last.push(...pair);
    else batches.push([...pair]);
  }
  return batches;
}
