import { generator, shuffle } from "../linear/svm";

/** Batches whose lengths are sorted within this many of them: little padding, yet a new mixture every epoch. */
const WINDOW = 16;
/** Rows of a class among which mates are found. */
const MATES = 8;

/**
 * The batches of one epoch, drawn from the seed and the epoch's number alone, so that a resumed run sees the same.
 * @param lengths tokens of each row. @returns row numbers, every row once.
 */
export function batchesOf(lengths: readonly number[], size: number, seed: number, epoch: number): number[][] {
  const random = generator(seed * 1009 + epoch + 1);
  const order = lengths.map((_, row) => row);
  shuffle(order, random);
  const sorted = windowsOf(order, size * WINDOW, (row) => lengths[row] as number).flat();
  const batches: number[][] = [];
  for (let at = 0; at < sorted.length; at += size) batches.push(sorted.slice(at, at + size));
  shuffle(batches, random);
  return batches;
}

/** Neighbours in the order, the shorter ones of each window first. */
function windowsOf<T>(order: readonly T[], size: number, lengthOf: (one: T) => number): T[][] {
  const windows: T[][] = [];
  for (let at = 0; at < order.length; at += size)
    windows.push(order.slice(at, at + size).sort((a, b) => lengthOf(a) - lengthOf(b)));
  return windows;
}

/**
 * Padded tokens of one forward and backward pass. Everything in between is held until its end, about a megabyte a
 * token with six layers of width 384, so this bounds a tuning's memory whatever the texts' length.
 */
const PART_TOKENS = 1024;

/**
 * A batch as parts of at most so many padded tokens, in its order; a row of more is a part of its own. Rows that are
 * taught together, `together` of them, are never parted.
 */
export function partsOf(rows: readonly number[], lengths: readonly number[], together = 1): number[][] {
  const parts: number[][] = [];
  let longest = 0;
  for (let at = 0; at < rows.length; at += together) {
    const own = rows.slice(at, at + together);
    const length = Math.max(...own.map((row) => lengths[row] as number));
    const last = parts.at(-1);
    longest = Math.max(longest, length);
    if (last && longest * (last.length + own.length) <= PART_TOKENS) last.push(...own);
    else {
      parts.push(own);
      longest = length;
    }
  }
  return parts;
}

/**
 * Like `batchesOf`, but rows come in pairs of one class, so that a contrastive loss has something to compare; a row
 * without a mate is at the end of its batch. Where a batch is too long for one part, the loss compares within parts.
 */
export function pairedBatches(
  labels: Int32Array,
  lengths: readonly number[],
  size: number,
  seed: number,
  epoch: number,
): number[][] {
  const random = generator(seed * 1013 + epoch + 1);
  const byClass = new Map<number, number[]>();
  for (const [row, label] of labels.entries()) byClass.set(label, [...(byClass.get(label) ?? []), row]);
  const pairs: number[][] = [];
  for (const [, rows] of [...byClass].sort((a, b) => a[0] - b[0])) {
    shuffle(rows, random);
    // Mates are of much the same length, yet others in every epoch.
    const alike = windowsOf(rows, MATES, (row) => lengths[row] as number).flat();
    for (let at = 0; at < alike.length; at += 2) pairs.push(alike.slice(at, at + 2));
  }
  shuffle(pairs, random);
  const longest = (pair: readonly number[]) => Math.max(...pair.map((row) => lengths[row] as number));
  const batches: number[][][] = [];
  for (const pair of windowsOf(pairs, (size * WINDOW) / 2, longest).flat()) {
    const last = batches.at(-1);
    if (last && last.flat().length + pair.length <= size) last.push(pair);
    else batches.push([pair]);
  }
  shuffle(batches, random);
  return batches.map((batch) => batch.toSorted((a, b) => b.length - a.length).flat());
}
