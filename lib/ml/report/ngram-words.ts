import { countNgrams, vectorise } from "../data/features";
import type { NgramBlock } from "../linear/ngram-block";
import type { Span } from "./words";

/** What n-grams add to the logits: of each word, and of what is no word; [classes] each. */
export interface NgramShares {
  words: Float32Array[];
  rest: Float32Array;
}

/**
 * The n-gram block's logits of a text, word by word: exact, since they are a sum over n-grams. What stands in several
 * words is shared evenly between them, and a pair of words between the two.
 */
export function shareNgrams(block: NgramBlock, text: string, spans: readonly Span[]): NgramShares {
  const classes = block.scales.length;
  const quoted = spans.map(({ start, end }) => text.slice(start, end));
  const pairs = quoted.slice(1).map((word, i) => `${quoted[i]} ${word}`);
  const rows = vectorise(block.vocabulary, [text, ...quoted, ...pairs].map(countNgrams));
  const columnsOf = (row: number) => rows.indices.subarray(rows.starts[row], rows.starts[row + 1]);
  const owners = new Map<number, number[]>();
  const own = (column: number, word: number) => {
    const all = owners.get(column) ?? [];
    if (!all.includes(word)) owners.set(column, [...all, word]);
  };
  for (const i of quoted.keys()) for (const column of columnsOf(1 + i)) own(column, i);
  const single = new Set(owners.keys());
  for (const i of pairs.keys())
    for (const column of columnsOf(1 + quoted.length + i))
      if (!single.has(column)) for (const word of [i, i + 1]) own(column, word);
  const shares: NgramShares = {
    words: quoted.map(() => new Float32Array(classes)),
    rest: new Float32Array(classes),
  };
  for (let at = rows.starts[0] ?? 0; at < (rows.starts[1] ?? 0); at++) {
    const column = rows.indices[at] ?? 0;
    const places = owners.get(column)?.map((word) => shares.words[word]) ?? [shares.rest];
    for (const place of places)
      for (let c = 0; place && c < classes; c++) {
        const logit = (block.weights[column * classes + c] ?? 0) * (block.scales[c] ?? 0);
        place[c] = (place[c] ?? 0) + ((rows.values[at] ?? 0) * logit) / places.length;
      }
  }
  return shares;
}
