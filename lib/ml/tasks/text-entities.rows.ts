import { readFile } from "node:fs/promises";
import { readRowsFile } from "../data/lines-file";
import { fromCodePoints, type Span } from "../data/spans";
import { chooseTestHashes, contentHash } from "../data/split";
import { TrainingError, type TrainOrder } from "../task";
import { hashRows } from "./text-classification.rows";
import type { WireSpan } from "./text-entities";

/** The accepted rows of one version with what is measured on which. */
export interface SpanPlan {
  rows: { line: number; text: string; spans: Span[]; hash: string }[];
  labels: string[];
  /** Row numbers to train and compare on. */
  train: number[];
  /** Row numbers to measure on; empty: the estimate is cross-validated. */
  test: number[];
  /** Content hashes of the frozen test split, for this dataset's next trainings. */
  testHashes: string[];
  /** Spans of validation rows whose label no training row has; they count as never found. */
  unknownLabels: number;
}

const LEAST_ROWS = 10;

async function readRows(path: string) {
  const found: { line: number; input: string; target: WireSpan[] }[] = [];
  for await (const row of readRowsFile(path)) found.push(row as unknown as (typeof found)[number]);
  return found;
}

/** Reads the rows and decides, before anything else, which of them are measured on. Throws `TrainingError`. */
export async function planSpanRows(order: TrainOrder): Promise<SpanPlan> {
  const own = await readRows(order.rowsPath);
  if (hashRows(own) !== order.rowsSha256) throw new Error("the rows are not those that were frozen");
  const labels = [...new Set(own.flatMap(({ target }) => target.map(({ label }) => label)))].sort();
  if (own.length < LEAST_ROWS)
    throw new TrainingError(
      "rows_too_few",
      `There are ${own.length} rows to train on. Add examples until there are at least ${LEAST_ROWS}.`,
      "training_file",
    );
  if (labels.length === 0)
    throw new TrainingError(
      "invalid_training_file",
      "No row marks anything, so there is nothing to find. Add rows with spans.",
      "training_file",
    );
  const given = order.validationRowsPath ? await readRows(order.validationRowsPath) : [];
  const rows = [...own, ...given].map(({ line, input, target }) => ({
    line,
    text: input,
    spans: fromCodePoints(input, target),
    hash: contentHash(input),
  }));
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const plan = { rows, labels, train: range(0, own.length), testHashes: [], unknownLabels: 0 };
  if (order.validationRowsPath) {
    const unknown = given.flatMap(({ target }) => target).filter(({ label }) => !labels.includes(label));
    return { ...plan, test: range(own.length, rows.length), unknownLabels: unknown.length };
  }
  // By whether a row marks anything, so that both parts have as many that do not.
  const marks = Int32Array.from(rows, ({ spans }) => Number(spans.length > 0));
  const hashes = rows.map(({ hash }) => hash);
  const testHashes = order.splitPath
    ? (await readFile(order.splitPath, "utf8")).split("\n").filter(Boolean)
    : chooseTestHashes(hashes, marks, marks.includes(0) ? 2 : 1, order.seed);
  const frozen = new Set(testHashes);
  const isTest = (row: number) => frozen.has(hashes[row] ?? "");
  return {
    ...plan,
    train: plan.train.filter((row) => !isTest(row)),
    test: plan.train.filter(isTest),
    testHashes,
  };
}
