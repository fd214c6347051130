import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { chooseTestHashes, contentHash } from "../data/split";
import { TrainingError, type TrainOrder } from "../task";

/** The accepted rows of one version, as columns. */
export interface Rows {
  lines: number[];
  texts: string[];
  labels: Int32Array;
  hashes: string[];
}
export interface Plan {
  rows: Rows;
  names: string[];
  /** Row numbers to train and compare on. */
  train: number[];
  /** Row numbers to measure on; empty: the estimate is cross-validated. */
  test: number[];
  /** Content hashes of the frozen test split, for this dataset's next trainings. */
  testHashes: string[];
  /** Validation rows whose label no training row has. */
  unknownLabels: number;
}

/** Class numbers of some rows. */
export const labelsOf = (plan: Plan, rows: readonly number[]) =>
  Int32Array.from(rows, (row) => plan.rows.labels[row] as number);

const LEAST_ROWS = 10;

interface StoredRow {
  line: number;
  input: string;
  target: string;
}

async function readRows(path: string): Promise<StoredRow[]> {
  const found: StoredRow[] = [];
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  }))
    if (line) found.push(JSON.parse(line) as StoredRow);
  return found;
}

/** The content of rows as the check froze it: line numbers do not count. */
export function hashRows(rows: readonly { input: unknown; target: unknown }[]): string {
  const hash = createHash("sha256");
  for (const { input, target } of rows) hash.update(`${JSON.stringify([input, target])}\n`);
  return hash.digest("hex");
}

/** Reads the rows and decides, before anything else, which of them are measured on. Throws `TrainingError`. */
export async function planRows(order: TrainOrder): Promise<Plan> {
  const own = await readRows(order.rowsPath);
  if (hashRows(own) !== order.rowsSha256) throw new Error("the rows are not those that were frozen");
  const names = [...new Set(own.map((row) => row.target))].sort();
  if (own.length < LEAST_ROWS)
    throw new TrainingError(
      "rows_too_few",
      `There are ${own.length} rows to train on. Add examples until there are at least ${LEAST_ROWS}.`,
      "training_file",
    );
  if (names.length < 2)
    throw new TrainingError(
      "one_class",
      `Every row has the label "${names[0]}". Add rows of at least one other class.`,
      "training_file",
    );
  const numbers = new Map(names.map((name, i) => [name, i]));
  const given = order.validationRowsPath ? await readRows(order.validationRowsPath) : [];
  const known = given.filter((row) => numbers.has(row.target));
  const all = [...own, ...known];
  const rows: Rows = {
    lines: all.map((row) => row.line),
    texts: all.map((row) => row.input),
    labels: Int32Array.from(all, (row) => numbers.get(row.target) ?? 0),
    hashes: all.map((row) => contentHash(row.input)),
  };
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  if (order.validationRowsPath) {
    if (known.length === 0)
      throw new TrainingError(
        "invalid_training_file",
        "No row of the validation file has a label that the training file has.",
        "validation_file",
      );
    const test = range(own.length, all.length);
    const unknownLabels = given.length - known.length;
    return { rows, names, train: range(0, own.length), test, testHashes: [], unknownLabels };
  }
  const testHashes = order.splitPath
    ? (await readFile(order.splitPath, "utf8")).split("\n").filter(Boolean)
    : chooseTestHashes(rows.hashes, rows.labels, names.length, order.seed);
  const frozen = new Set(testHashes);
  const isTest = (row: number) => frozen.has(rows.hashes[row] ?? "");
  const every = range(0, own.length);
  const train = every.filter((row) => !isTest(row));
  return { rows, names, train, test: every.filter(isTest), testHashes, unknownLabels: 0 };
}
