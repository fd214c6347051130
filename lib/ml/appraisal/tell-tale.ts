import { wordsOf } from "../report/words";

/**
 * What gives a label away: a model that learns it has learnt nothing that the next text will show.
 */
const LEAST_ROWS = 20;
/** Share of a class's rows that have the word, and share of the rows with the word that are of the class. */
const [USUAL, SURE] = [0.6, 0.98];

interface TellTale {
  word: string;
  label: string;
  /** Of the class's rows. */
  share: number;
}

/** One word a class that stands in most of its rows and in hardly any other; the surest classes first. */
export function findTellTales(
  texts: readonly string[],
  labels: Int32Array,
  names: readonly string[],
): TellTale[] {
  const sizes = names.map(() => 0);
  const counts = new Map<string, Map<number, number>>();
  for (const [row, text] of texts.entries()) {
    const label = labels[row] as number;
    sizes[label] = (sizes[label] ?? 0) + 1;
    const words = new Set(wordsOf(text).map(({ start, end }) => text.slice(start, end).toLowerCase()));
    for (const word of words) {
      const own = counts.get(word) ?? new Map<number, number>();
      own.set(label, (own.get(label) ?? 0) + 1);
      counts.set(word, own);
    }
  }
  const best = new Map<number, TellTale>();
  for (const [word, own] of counts) {
    const all = [...own.values()].reduce((sum, n) => sum + n, 0);
    for (const [label, n] of own) {
      const size = sizes[label] ?? 0;
      if (size < LEAST_ROWS || n < USUAL * size || n < SURE * all) continue;
      const share = n / size;
      if (share > (best.get(label)?.share ?? 0)) best.set(label, { word, label: names[label] ?? "", share });
    }
  }
  return [...best.values()].sort((a, b) => b.share - a.share);
}

/** Rows whose text says the name of their own class and of no other, as a whole word or line of words. */
export function countNamed(texts: readonly string[], labels: Int32Array, names: readonly string[]): number {
  const plain = (text: string) =>
    ` ${text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, " ")
      .trim()} `;
  const said = names.map(plain);
  return texts.filter((text, row) => {
    const own = plain(text);
    const named = said.flatMap((name, label) => (name.trim() !== "" && own.includes(name) ? [label] : []));
    return named.length === 1 && named[0] === labels[row];
  }).length;
}
