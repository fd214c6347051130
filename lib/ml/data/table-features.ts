import { z } from "zod";
import { type TableColumn, tableColumnSchema } from "../contract";
import type { Dense } from "../linear/matrix";
import type { TableRow, TableValue } from "../task";
import { parseNumber } from "./cells";

/**
 * A table's rows as numbers: what is learnt about its columns from training rows alone is kept in the artifact, and the
 * same code reads rows in training and in serving. A number is standardised, after log(1 + x) where a few rows reach far
 * above the others; a category is one-hot. Both have one feature more for an empty cell, where training rows had any.
 */
const coderSchema = z.discriminatedUnion("kind", [
  tableColumnSchema.extend({
    kind: z.literal("number"),
    isLog: z.boolean(),
    mean: z.number(),
    deviation: z.number().positive(),
    hasMissing: z.boolean(),
  }),
  tableColumnSchema.extend({
    kind: z.literal("category"),
    /** Whether rare values were taught, which share a feature with all that come later. */
    hasOther: z.boolean(),
    hasMissing: z.boolean(),
  }),
]);
export const tableFeaturesSchema = z.array(coderSchema);
type Coder = z.infer<typeof coderSchema>;
export type TableFeatures = readonly Coder[];

/** Of the filled cells: a column with fewer numbers holds words. */
const NUMBER_SHARE = 0.95;
/** Whole numbers with no more different values are a code or a grade: each is learnt for itself. */
const MOST_CODES = 10;
/** A value in fewer rows, or in a smaller share of them, tells more about those rows than about others. */
const LEAST_ROWS = 5;
const LEAST_SHARE = 0.002;
/** Of one column, and of all columns together. */
const MOST_VALUES = 50;
const MOST_FEATURES = 2000;
/** Skewness from which on log(1 + x) is closer to a bell. */
const HEAVY_TAIL = 2;
/** Deviations from the mean; what is farther away is taken for an error of measurement as much as for a fact. */
const FARTHEST = 6;

/** What stands in a column of numbers; words there are no number, so nothing. */
export const numberIn = (value: TableValue): number | null =>
  typeof value === "string" ? parseNumber(value) : value;
const wordIn = (value: TableValue): string | null => (value === null ? null : String(value).trim() || null);

/** Learns the columns of the first row from all rows; none has other columns. */
export function fitTable(rows: readonly TableRow[]): TableFeatures {
  const names = Object.keys(rows[0] ?? {});
  const mostValues = Math.max(LEAST_ROWS, Math.min(MOST_VALUES, Math.floor(MOST_FEATURES / names.length)));
  return names.map((name) => {
    const cells = rows.map((row) => row[name] ?? null);
    const filled = cells.filter((cell) => cell !== null);
    const numbers = filled.flatMap((cell) => numberIn(cell) ?? []);
    const isNumber = filled.length > 0 && numbers.length >= filled.length * NUMBER_SHARE;
    return isNumber && !isCode(numbers)
      ? fitNumber(name, numbers, rows.length)
      : fitCategory(name, filled.map(String), rows.length, mostValues);
  });
}

function isCode(numbers: readonly number[]): boolean {
  const distinct = new Set(numbers);
  return (
    distinct.size <= MOST_CODES &&
    distinct.size * LEAST_ROWS <= numbers.length &&
    numbers.every(Number.isInteger)
  );
}

function fitNumber(name: string, numbers: readonly number[], rows: number): Coder {
  const sorted = numbers.toSorted((a, b) => a - b);
  const isLog = (sorted[0] as number) >= 0 && momentsOf(numbers).skewness > HEAVY_TAIL;
  const { mean, deviation } = momentsOf(isLog ? numbers.map(Math.log1p) : numbers);
  return {
    name,
    kind: "number",
    values: [],
    usual: sorted.length * 2 < rows ? null : (sorted[sorted.length >> 1] as number),
    isLog,
    mean,
    deviation: deviation || 1,
    hasMissing: numbers.length < rows,
  };
}

function momentsOf(numbers: readonly number[]) {
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  const power = (n: number) => numbers.reduce((sum, x) => sum + (x - mean) ** n, 0) / numbers.length;
  const deviation = Math.sqrt(power(2));
  return { mean, deviation, skewness: deviation === 0 ? 0 : power(3) / deviation ** 3 };
}

function fitCategory(name: string, words: readonly string[], rows: number, most: number): Coder {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const least = Math.max(LEAST_ROWS, rows * LEAST_SHARE);
  const values = [...counts]
    .filter(([, count]) => count >= least)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, most)
    .map(([value]) => value);
  return {
    name,
    kind: "category",
    values,
    usual: words.length * 2 < rows ? null : (values[0] ?? null),
    hasOther: values.length < counts.size,
    hasMissing: words.length < rows,
  };
}

const widthOf = (coder: Coder): number =>
  Number(coder.hasMissing) + (coder.kind === "number" ? 1 : coder.values.length + Number(coder.hasOther));

/** Rows as [rows, features]; a column that a row lacks is empty there. */
export function readTable(table: TableFeatures, rows: readonly TableRow[]): Dense {
  const columns = table.reduce((sum, coder) => sum + widthOf(coder), 0);
  const values = new Float32Array(rows.length * columns);
  const readers = table.map(readerOf);
  for (const [i, row] of rows.entries()) {
    let at = i * columns;
    for (const [n, coder] of table.entries()) {
      readers[n]?.(row[coder.name] ?? null, values, at);
      at += widthOf(coder);
    }
  }
  return { rows: rows.length, columns, values };
}

type Reader = (value: TableValue, out: Float32Array, at: number) => void;

/** Writes one cell's features; the last one says that it is empty, where training rows had such cells. */
function readerOf(coder: Coder): Reader {
  const last = widthOf(coder) - 1;
  const missing: Reader = (_, out, at) => {
    if (coder.hasMissing) out[at + last] = 1;
  };
  if (coder.kind === "number") {
    const { isLog, mean, deviation } = coder;
    return (value, out, at) => {
      const number = numberIn(value);
      if (number === null) return missing(value, out, at);
      const scaled = ((isLog ? Math.log1p(Math.max(0, number)) : number) - mean) / deviation;
      out[at] = Math.max(-FARTHEST, Math.min(FARTHEST, scaled));
    };
  }
  const places = new Map(coder.values.map((value, place) => [value, place]));
  return (value, out, at) => {
    const word = wordIn(value);
    if (word === null) return missing(value, out, at);
    const place = places.get(word) ?? (coder.hasOther ? coder.values.length : undefined);
    if (place !== undefined) out[at + place] = 1;
  };
}

/** What pages and requests need to know of a table. */
export const describeColumns = (table: TableFeatures): TableColumn[] =>
  table.map(({ name, kind, values, usual }) => ({ name, kind, values, usual }));
