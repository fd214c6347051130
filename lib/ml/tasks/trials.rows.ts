import { readFile } from "node:fs/promises";
import { readRowsFile } from "../data/lines-file";
import { chooseTestHashes } from "../data/split";
import { TrainingError, type TrainOrder } from "../task";
import { hashRows } from "./text-classification.rows";

export interface StoredRow<Input, Target> {
  line: number;
  input: Input;
  target: Target;
}
const LEAST_ROWS = 10;

async function readRows<Input, Target>(path: string): Promise<StoredRow<Input, Target>[]> {
  const found: StoredRow<Input, Target>[] = [];
  for await (const row of readRowsFile(path)) found.push(row as unknown as StoredRow<Input, Target>);
  return found;
}

/** The frozen rows and those to measure on instead of a split. Throws `TrainingError`. */
export async function readOrder<Input, Target>(order: TrainOrder) {
  const own = await readRows<Input, Target>(order.rowsPath);
  if (hashRows(own) !== order.rowsSha256) throw new Error("the rows are not those that were frozen");
  if (own.length < LEAST_ROWS)
    throw new TrainingError(
      "rows_too_few",
      `There are ${own.length} rows to train on. Add examples until there are at least ${LEAST_ROWS}.`,
      "training_file",
    );
  const given = order.validationRowsPath ? await readRows<Input, Target>(order.validationRowsPath) : [];
  return { own, given };
}

/**
 * Which rows are learnt from and which are measured on: those of the validation file, else a frozen share.
 * @param hashes of all rows, the training file's first; equal ones are never parted. @param strata of all rows.
 */
export async function splitRows(
  order: TrainOrder,
  hashes: readonly string[],
  strata: Int32Array,
  own: number,
): Promise<{ train: number[]; test: number[]; testHashes: string[] }> {
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  if (order.validationRowsPath)
    return { train: range(0, own), test: range(own, hashes.length), testHashes: [] };
  const testHashes = order.splitPath
    ? (await readFile(order.splitPath, "utf8")).split("\n").filter(Boolean)
    : chooseTestHashes(hashes, strata, new Set(strata).size, order.seed);
  const frozen = new Set(testHashes);
  const isTest = (row: number) => frozen.has(hashes[row] ?? "");
  return {
    train: range(0, own).filter((row) => !isTest(row)),
    test: range(0, own).filter(isTest),
    testHashes,
  };
}
