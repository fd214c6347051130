import { type Counts, hashText } from "./features";

/**
 * What a word looks like, and its neighbours: the features that taggers have used since Ratnaparkhi 1996, as texts. They
 * see what an uncased base does not (capitals, digits, marks), and they are all there is without a base.
 */
export function describeWords(words: readonly string[]): string[][] {
  const lower = words.map((word) => word.normalize("NFKC").toLowerCase());
  const shapes = words.map(shapeOf);
  return words.map((_, i) => {
    const at = (list: readonly string[], offset: number) => list[i + offset] ?? "\n";
    const near = NEIGHBOURS.flatMap((offset) => [
      `w${offset} ${at(lower, offset)}`,
      `s${offset} ${at(shapes, offset)}`,
    ]);
    const pairs = [`p ${at(lower, -1)} ${at(lower, 0)}`, `n ${at(lower, 0)} ${at(lower, 1)}`];
    // By code points: half of a surrogate pair is no character.
    const word = [...`^${lower[i]}$`];
    const grams: string[] = [];
    for (let n = 2; n <= 5; n++)
      for (let from = 0; from + n <= word.length; from++)
        grams.push(`g ${word.slice(from, from + n).join("")}`);
    return [...near, ...pairs, `s ${at(shapes, -1)} ${at(shapes, 0)} ${at(shapes, 1)}`, ...grams];
  });
}
const NEIGHBOURS = [-2, -1, 0, 1, 2];
const SALT = 100;

/** The same as counts of hashes, which a vocabulary is learnt from. */
export const countWordFeatures = (words: readonly string[]): Counts[] =>
  describeWords(words).map((features) => new Map(features.map((feature) => [hashText(feature, SALT), 1])));

/** Upper to X, lower to x, other letters to c, digits to 0, runs of one cut to two; marks stay. */
function shapeOf(word: string): string {
  return word
    .replace(/\p{Lu}/gu, "X")
    .replace(/\p{Ll}/gu, "x")
    .replace(/\p{N}/gu, "0")
    .replace(/[^\P{L}xX]/gu, "c")
    .replace(/(.)\1{2,}/gu, "$1$1");
}
