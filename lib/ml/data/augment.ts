/**
 * Text augmentation on token ids, drawn anew each time a row is seen, so that no augmented row is ever stored. The
 * first and the last id are the special tokens and stay.
 */
export interface Augmentation {
  /** Share of tokens that are left out (Iyyer et al. 2015). */
  drop: number;
  /** Share of neighbouring pairs that change places (Wei & Zou 2019). */
  swap: number;
  /** Share of words that give way to a neighbour in meaning (Wei & Zou 2019, with embeddings for a thesaurus). */
  synonym: number;
}
export const NO_AUGMENTATION: Augmentation = { drop: 0, swap: 0, synonym: 0 };

/** Ids of words that may stand for a word's id; a word without any is absent. */
export type Neighbours = ReadonlyMap<number, readonly number[]>;

export function augment(
  ids: Int32Array,
  { drop, swap, synonym }: Augmentation,
  random: () => number,
  neighbours?: Neighbours,
): Int32Array {
  if (drop === 0 && swap === 0 && synonym === 0) return ids;
  const inner = [...ids.subarray(1, -1)];
  if (synonym > 0)
    for (const [i, id] of inner.entries()) {
      const near = neighbours?.get(id) ?? [];
      if (near.length > 0 && random() < synonym)
        inner[i] = near[Math.floor(random() * near.length)] as number;
    }
  for (let i = 0; i + 1 < inner.length; i++)
    if (random() < swap) [inner[i], inner[i + 1]] = [inner[i + 1] as number, inner[i] as number];
  const kept = inner.filter(() => random() >= drop);
  // A row without a word says nothing: then it stays as it was.
  const words = kept.length > 0 ? kept : inner;
  return Int32Array.from([...ids.subarray(0, 1), ...words, ...ids.subarray(-1)]);
}
