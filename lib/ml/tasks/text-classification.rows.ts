import { readFrozen, type Split, splitRows } from "../data/frozen-rows";
import { contentHash } from "../data/split";
import { TrainingError, type TrainOrder } from "../task";

/** The accepted rows of one version, as columns. */
export interface Rows {
  lines: number[];
  texts: string[];
  labels: Int32Array;
  hashes: string[];
}
export interface Plan extends Split {
  rows: Rows;
  names: string[];
  /** Validation rows whose label no training row has. */
  unknownLabels: number;
}

/** Class numbers of some rows. */
export const labelsOf = (plan: Plan, rows: readonly number[]) =>
  Int32Array.from(rows, (row) => plan.rows.labels[row] as number);

/** Reads the rows and decides, before anything else, which of them are measured on. Throws `TrainingError`. */
export async function planRows(order: TrainOrder): Promise<Plan> {
  const { own, given } = await readFrozen<string, string>(order);
  const names = [...new Set(own.map((row) => row.target))].sort();
  if (names.length < 2)
    throw new TrainingError(
      "one_class",
      `Every row has the label "${names[0]}". Add rows of at least one other class.`,
      "training_file",
    );
  const numbers = new Map(names.map((name, i) => [name, i]));
  const known = given.filter((row) => numbers.has(row.target));
  const all = [...own, ...known];
  const rows: Rows = {
    lines: all.map((row) => row.line),
    texts: all.map((row) => row.input),
    labels: Int32Array.from(all, (row) => numbers.get(row.target) ?? 0),
    hashes: all.map((row) => contentHash(row.input)),
  };
  if (order.validationRowsPath && known.length === 0)
    throw new TrainingError(
      "invalid_training_file",
      "No row of the validation file has a label that the training file has.",
      "validation_file",
    );
  const split = await splitRows(order, own.length, rows.hashes, {
    labels: rows.labels,
    count: names.length,
  });
  return { rows, names, ...split, unknownLabels: given.length - known.length };
}
