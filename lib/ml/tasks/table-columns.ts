import type { ColumnMap, ColumnProfile } from "../contract";
import { fullness, textScore } from "./column-names";

/** What columns of a file are a table to learn from: tasks of tables guess their roles from it. */

const LABEL_NAMES =
  /^(label|class|category|target|outcome|result|status|response|churn(ed)?|exited|attrition|left|default(ed)?|fraud|diagnosis|disease|survived|cancell?ed|y|标签|类别|分类|目标|结果|状态|流失|违约|诊断)$/i;
/** More different values are seldom classes to choose between. */
const MOST_CLASSES = 20;
/** From this length on cells are sentences. */
const SENTENCE_LENGTH = 40;

const isWhole = (cell: string) => /^[+-]?\d+$/.test(cell);

/** 1, 2, 3 ... down the file; the examples are its first different values. */
function isRunning({ kind, distinct, filled, examples }: ColumnProfile): boolean {
  if (kind !== "number" || distinct < filled || !examples.every(isWhole)) return false;
  const [first = 0, ...next] = examples.map(Number);
  return next.length > 0 && next.every((value, i) => value === first + i + 1);
}

/** A column that says which row it is and nothing about it: a name, a key, a running number. */
function isIdentifier(column: ColumnProfile): boolean {
  const { kind, distinct, filled } = column;
  return kind === "number" ? isRunning(column) : filled > 20 ? distinct > filled * 0.9 : distinct === filled;
}

/** What can be learnt from: neither empty, nor the same in every row, nor an identifier. */
const isTelling = (column: ColumnProfile): boolean =>
  column.kind !== "empty" && column.distinct > 1 && !isIdentifier(column);

/** Free words: such a file is about its texts, whatever else stands in it. */
const isText = (column: ColumnProfile): boolean =>
  column.kind === "text" && (column.meanLength >= SENTENCE_LENGTH || textScore(column) >= 0.7);

function labelScore(column: ColumnProfile, place: number, last: number): number {
  if (column.distinct < 2 || column.distinct > Math.max(2, column.filled / 2)) return 0;
  return (
    (LABEL_NAMES.test(column.name) ? 0.5 : 0) +
    (place === last ? 0.25 : 0) +
    (column.distinct <= MOST_CLASSES ? 0.25 : 0)
  );
}

/** The likeliest label, and every other column that may tell something about it. */
export function guessTable(columns: readonly ColumnProfile[]): { confidence: number; columns: ColumnMap } {
  const last = columns.length - 1;
  const scores = columns.map((column, place) => labelScore(column, place, last));
  const label = columns[scores.indexOf(Math.max(...scores))];
  const score = Math.max(...scores);
  const telling = columns.filter((column) => column !== label && isTelling(column));
  if (!label || score === 0 || telling.length === 0) return { confidence: 0, columns: {} };
  const map = { label: label.name, columns: telling.map(({ name }) => name) };
  // One column beside the label is a text and its label more often than a table of one.
  if (telling.length === 1 || columns.some(isText)) return { confidence: 0.2, columns: map };
  const confidence = Math.min(1, 0.5 + 0.05 * telling.length + 0.4 * score);
  return { confidence: confidence * fullness(columns, label), columns: map };
}
