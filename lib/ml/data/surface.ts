/**
 * How a word is written, which an uncased base does not see: a few yes-or-no columns for the word and both of its
 * neighbours. Few enough to be learnt beside a tuned base without a part of it being learnt by heart.
 */
const COLUMNS: readonly ((word: string) => boolean)[] = [
  (word) => word === "",
  (word) => /^\p{Lu}\p{Ll}*$/u.test(word),
  (word) => /^\p{Lu}{2,}$/u.test(word),
  (word) => /\p{Ll}\p{Lu}/u.test(word),
  (word) => /^\p{Ll}+$/u.test(word),
  (word) => /^\p{N}+$/u.test(word),
  (word) => /\p{N}/u.test(word) && /\p{L}/u.test(word),
  (word) => word === "@",
  (word) => word === "#",
  (word) => /^[.!?。！？]$/u.test(word),
  (word) => /^[\p{P}\p{S}]$/u.test(word),
  (word) => [...word].length === 1,
  (word) => word.length > 8,
];
const NEIGHBOURS = [-1, 0, 1];
export const SURFACE_COLUMNS = COLUMNS.length * NEIGHBOURS.length;

/** [words, SURFACE_COLUMNS] row-major, ones and zeros. */
export function describeSurface(words: readonly string[]): Float32Array {
  return Float32Array.from(
    words.flatMap((_, i) =>
      NEIGHBOURS.flatMap((offset) => COLUMNS.map((is) => Number(is(words[i + offset] ?? "")))),
    ),
  );
}
