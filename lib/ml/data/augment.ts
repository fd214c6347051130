/**
 * Text augmentation on token ids, drawn anew each time a row is seen, so that no augmented row is ever stored. The
 * first and the last id are the special tokens and stay.
 */
export interface Augmentation {
  /** Share of tokens that are left out (Iyyer et al. 2015). */
  drop: number;
  /** Share of neighbouring pairs that change places (Wei & Zou 2019). */
  swap: number;
}
export const NO_AUGMENTATION: Augmentation = { drop: 0, swap: 0 };

export function augment(ids: Int32Array, { drop, swap }: Augmentation, random: () => number): Int32Array {
  if (drop === 0 && swap === 0) return ids;
  const inner = [...ids.subarray(1, -1)];
  for (let i = 0; i + 1 < inner.length; i++)
    if (random() < swap) [inner[i], inner[i + 1]] = [inner[i + 1] as number, inner[i] as number];
  const kept = inner.filter(() => random() >= drop);
  // A row without a word says nothing: then it stays as it was.
  const words = kept.length > 0 ? kept : inner;
  return Int32Array.from([...ids.subarray(0, 1), ...words, ...ids.subarray(-1)]);
}
