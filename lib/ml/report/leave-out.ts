import type { Explanation, TableColumn } from "../contract";
import type { TableRow } from "../task";
import { occlude } from "./occlusion";
import { quoteSpans } from "./words";

/** The parts that an explanation speaks of: words of one text or of several, or the columns of a table's row. */

export interface Parts {
  words: Omit<Explanation["words"][number], "weight">[];
  columns?: Omit<NonNullable<Explanation["columns"]>[number], "weight">[];
}
export interface LeftOut<Input> {
  parts: Parts;
  /** The input without each of its parts, in their order. */
  variants: Input[];
}

export function leaveOutWords(text: string): LeftOut<string> {
  const { spans, variants } = occlude(text);
  return { parts: { words: quoteSpans(text, spans) }, variants };
}

/** Every word of each text, while the other texts stay as they are. */
export function leaveOutWordsOfEach<Texts extends Record<string, string>>(texts: Texts): LeftOut<Texts> {
  const each = Object.entries(texts).map(([role, text]) => ({ role, ...leaveOutWords(text) }));
  return {
    parts: { words: each.flatMap(({ role, parts }) => parts.words.map((word) => ({ role, ...word }))) },
    variants: each.flatMap(({ role, variants }) => variants.map((text) => ({ ...texts, [role]: text }))),
  };
}

/**
 * A cell left empty would say that nobody knew its value, which is a fact of its own: what is usual in the taught rows
 * takes its place, and emptiness only where that is usual.
 */
export function leaveOutColumns(columns: readonly TableColumn[], row: TableRow): LeftOut<TableRow> {
  return {
    parts: {
      words: [],
      columns: columns.map(({ name, usual }) => ({ name, value: row[name] ?? null, usual })),
    },
    variants: columns.map(({ name, usual }) => ({ ...row, [name]: usual })),
  };
}
