import type { Part } from "./choice";

/**
 * What a class's name says: `card_arrival`, `card-arrival` and `cardArrival` all read "card arrival". With few rows a
 * class these words are an example more.
 */
export const wordsOf = (name: string): string =>
  name
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .replace(/[_\-./\s]+/g, " ")
    .trim();

/** From this many rows a class its name adds nothing that would be worth a fit. */
const ENOUGH_ROWS = 40;
export const areNamesWorthTrying = (rows: number, names: readonly string[]) =>
  rows < ENOUGH_ROWS * names.length;

/** Rows and labels with the class names behind them where they count; the name of class k is row `firstName + k`. */
export function withNames(part: Part, classes: number, firstName: number, doCount = true): Part {
  if (!doCount) return part;
  const names = Array.from({ length: classes }, (_, k) => k);
  return {
    rows: [...part.rows, ...names.map((k) => firstName + k)],
    labels: Int32Array.from([...part.labels, ...names]),
  };
}
