import { type Counts, hashText } from "./features";

/**
 * What a word looks like, and its neighbours: the features that taggers have used since Ratnaparkhi 1996. They see
 * what an uncased base does not (capitals, digits, marks), and they are all there is without a base.
 */
export function countWordFeatures(words: readonly string[]): Counts[] {
  const lower = words.map((word) => word.normalize("NFKC").toLowerCase());
  const shapes = words.map(shapeOf);
  return words.map((_, i) => {
    const counts = new Map<number, number>();
    const add = (kind: number, value: string) => counts.set(hashText(value, kind), 1);
    const at = (list: readonly string[], offset: number) => list[i + offset] ?? "\n";
    for (const offset of [-2, -1, 0, 1, 2]) {
      add(NEAR + offset, at(lower, offset));
      add(NEAR_SHAPE + offset, at(shapes, offset));
    }
    add(PAIR, `${at(lower, -1)} ${at(lower, 0)}`);
    add(PAIR + 1, `${at(lower, 0)} ${at(lower, 1)}`);
    add(SHAPES, `${at(shapes, -1)} ${at(shapes, 0)} ${at(shapes, 1)}`);
    const word = `^${lower[i]}$`;
    for (let n = 2; n <= 5; n++)
      for (let from = 0; from + n <= word.length; from++) add(GRAMS + n, word.slice(from, from + n));
    return counts;
  });
}
/** Kinds of features, which keep equal texts apart. */
const [NEAR, NEAR_SHAPE, PAIR, SHAPES, GRAMS] = [100, 110, 120, 130, 140] as const;

/** Upper to X, lower to x, other letters to c, digits to 0, runs of one cut to two; marks stay. */
function shapeOf(word: string): string {
  return word
    .replace(/\p{Lu}/gu, "X")
    .replace(/\p{Ll}/gu, "x")
    .replace(/\p{N}/gu, "0")
    .replace(/[^\P{L}xX]/gu, "c")
    .replace(/(.)\1{2,}/gu, "$1$1");
}
