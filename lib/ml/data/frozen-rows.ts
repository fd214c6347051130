import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TrainingError, type TrainOrder } from "../task";
import { readRowsFile } from "./lines-file";
import { MIN_ROWS } from "./refusal";
import { chooseTestHashes } from "./split";

/** The rows of an order as the check froze them, and which of them are trained and measured on. */
export interface FrozenRow<Input, Target> {
  line: number;
  input: Input;
  target: Target;
  /** A model gave the target: the row teaches, and nothing is measured on it. */
  labelledBy?: "model";
}

/** What the hash of a dataset version is taken over: the row without its place in the file. */
export const canonicalRow = ({ input, target, labelledBy }: Omit<FrozenRow<unknown, unknown>, "line">) =>
  `${JSON.stringify([input, target, ...(labelledBy ? [labelledBy] : [])])}\n`;

/** The content of rows as the check froze it. */
export function hashRows(rows: readonly FrozenRow<unknown, unknown>[]): string {
  const hash = createHash("sha256");
  for (const row of rows) hash.update(canonicalRow(row));
  return hash.digest("hex");
}

async function readAll<Input, Target>(path: string): Promise<FrozenRow<Input, Target>[]> {
  const found: FrozenRow<Input, Target>[] = [];
  for await (const row of readRowsFile(path)) found.push(row as FrozenRow<Input, Target>);
  return found;
}

/** The training file's rows and the validation file's. Throws `rows_too_few`, or when they are not the frozen ones. */
export async function readFrozen<Input, Target>(order: TrainOrder) {
  const own = await readAll<Input, Target>(order.rowsPath);
  if (hashRows(own) !== order.rowsSha256) throw new Error("the rows are not those that were frozen");
  if (own.length < MIN_ROWS)
    throw new TrainingError(
      "rows_too_few",
      `There are ${own.length} rows to train on. Add examples until there are at least ${MIN_ROWS}.`,
      "training_file",
    );
  const given = order.validationRowsPath ? await readAll<Input, Target>(order.validationRowsPath) : [];
  return { own, given };
}

export interface Split {
  /** Row numbers to train and compare on. */
  train: number[];
  /** Row numbers to measure on; empty: the estimate is cross-validated. */
  test: number[];
  /** Content hashes of the frozen test split, for this dataset's next trainings. */
  testHashes: string[];
}

/**
 * Measures on the validation file's rows, which stand behind the `own` ones, where there are any; else on rows whose
 * hashes were frozen before, or are frozen now: some of each stratum.
 */
export async function splitRows(
  order: TrainOrder,
  own: number,
  hashes: readonly string[],
  /** Class of each row; null where there are too few rows to part with any. */
  strata: { labels: Int32Array; count: number } | null,
): Promise<Split> {
  const every = Array.from({ length: own }, (_, i) => i);
  if (order.validationRowsPath)
    return {
      train: every,
      test: Array.from({ length: hashes.length - own }, (_, i) => own + i),
      testHashes: [],
    };
  const testHashes = order.splitPath
    ? (await readFile(order.splitPath, "utf8")).split("\n").filter(Boolean)
    : strata
      ? chooseTestHashes(hashes, strata.labels, strata.count, order.seed)
      : [];
  const frozen = new Set(testHashes);
  const isTest = (row: number) => frozen.has(hashes[row] ?? "");
  return { train: every.filter((row) => !isTest(row)), test: every.filter(isTest), testHashes };
}

/** Writes the frozen split below `dir`, for the dataset's next trainings. */
export async function writeSplit(
  dir: string,
  testHashes: readonly string[],
): Promise<{ path: string; sha256: string }> {
  const path = join(dir, "split");
  const text = testHashes.map((hash) => `${hash}\n`).join("");
  await mkdir(dir, { recursive: true });
  await writeFile(path, text);
  return { path, sha256: createHash("sha256").update(text).digest("hex") };
}
