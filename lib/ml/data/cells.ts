import type { RoleKind, TableRow, TableValue } from "../task";
import { parseSpans, settleAnswer, settleSpans } from "./span-cells";
import type { Span } from "./spans";

/** How the cell of each kind of role is read. What cannot be read is a kind of finding, and the row is set aside. */

type CellValue = string | number | readonly string[] | readonly Span[];
type Read<Value = CellValue> = { value: Value } | { fault: string };

/** One role's cell is the value itself; several are an object by the roles' names, as a table's are by its columns'. */
export type RowPart = CellValue | Readonly<Record<string, CellValue>> | TableRow;

const SEPARATORS = [/\|/, /[;；]/, /[,，、]/];
const THOUSANDS = /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/;
const DECIMAL_COMMA = /^[+-]?\d+,\d+$/;
const PLAIN = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** `007`: what is written so is a code, however much it looks like a number. */
const CODE = /^0\d/;

/** `3`, `-2.5`, `1,234.5`, `3,5`, `1e3`; null for anything else. */
export function parseNumber(cell: string): number | null {
  const text = cell.trim();
  if (THOUSANDS.test(text)) return Number(text.replaceAll(",", ""));
  if (DECIMAL_COMMA.test(text)) return Number(text.replace(",", "."));
  const value = PLAIN.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

/** A cell of a table: a number where it is one, null where it is empty, else its words. */
export function parseValue(cell: string): TableValue {
  const text = cell.trim();
  if (text === "") return null;
  return CODE.test(text) ? text : (parseNumber(text) ?? text);
}

/**
 * A JSON list, or names between the first of `|`, `;` and `,` that the cell has, each once. An empty list is the
 * statement that no label applies; null when the cell begins a list that cannot be read.
 */
export function parseLabels(cell: string): string[] | null {
  const text = cell.trim();
  if (text.startsWith("[") && text.endsWith("]")) {
    const list = parseList(text);
    return list && [...new Set(list.map((name) => name.trim()).filter(Boolean))];
  }
  const separator = SEPARATORS.find((one) => one.test(text));
  const names = separator ? text.split(separator) : [text];
  return [...new Set(names.map((name) => name.trim()).filter(Boolean))];
}

function parseList(text: string): string[] | null {
  try {
    const list: unknown = JSON.parse(text);
    const isPlain = (one: unknown) => ["string", "number", "boolean"].includes(typeof one);
    return Array.isArray(list) && list.every(isPlain) ? list.map(String) : null;
  } catch {
    return null;
  }
}

const READERS: Record<Exclude<RoleKind, "columns">, (cell: string) => Read> = {
  text: (cell) => (cell ? { value: cell } : { fault: "text_empty" }),
  category: (cell) => (cell ? { value: cell } : { fault: "label_empty" }),
  labels(cell) {
    const value = parseLabels(cell);
    if (!value) return { fault: "labels_invalid" };
    return value.length > 0 || cell.startsWith("[") ? { value } : { fault: "label_empty" };
  },
  number(cell) {
    if (!cell) return { fault: "number_empty" };
    const value = parseNumber(cell);
    return value === null ? { fault: "number_invalid" } : { value };
  },
  answer: (cell) => (cell ? { value: cell } : { fault: "answer_empty" }),
  spans(cell) {
    // An empty cell is the statement that nothing is to be found.
    const value = parseSpans(cell || "[]");
    return value ? { value } : { fault: "spans_invalid" };
  },
};
export const readCell = (kind: RoleKind, cell: string): Read<CellValue | null> =>
  kind === "columns" ? { value: parseValue(cell) } : READERS[kind](cell.trim());

/** A target that points into the row's text, held against it; `text` as it stands in the file. */
export function settleTarget(kind: RoleKind, target: RowPart, text: string): Read<RowPart> {
  switch (kind) {
    case "spans":
      return settleSpans(text, target as readonly Span[]);
    case "answer":
      return settleAnswer(text, target);
    default:
      return { value: target };
  }
}

/** What stands in a row's input, one under the other. */
export const textOf = (input: RowPart): string =>
  typeof input === "object" ? Object.values(input).join("\n") : String(input);

/** A row of a table for people, a line a column; empty cells say nothing. */
export const describeRow = (row: TableRow): string =>
  Object.entries(row)
    .flatMap(([column, value]) => (value === null ? [] : `${column}: ${value}`))
    .join("\n");

/** The labels that a row's target names; none for a number. */
export function labelsIn(target: RowPart): readonly string[] {
  if (Array.isArray(target))
    return target.map((one: string | Span) => (typeof one === "string" ? one : one.label));
  return typeof target === "string" ? [target] : [];
}
