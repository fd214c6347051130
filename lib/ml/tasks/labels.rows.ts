import { readFrozen, type Split, splitRows } from "../data/frozen-rows";
import { contentHash } from "../data/split";
import { type Run, TrainingError, type TrainOrder } from "../task";

/** The accepted rows of one version, as columns. */
interface Rows {
  lines: number[];
  /** What a row says, as people read it. */
  texts: string[];
  labels: Int32Array;
  hashes: string[];
}
export interface Plan extends Split {
  rows: Rows;
  names: string[];
  /** Validation rows whose label no training row has. */
  unknownLabels: number;
  /** Rows of a table, of which nothing but the same values is alike. */
  isTable?: true;
}

/** Class numbers of some rows. */
export const labelsOf = (plan: Plan, rows: readonly number[]) =>
  Int32Array.from(rows, (row) => plan.rows.labels[row] as number);

/** Characters of a row that a report quotes; a table's row has a line for each of its columns. */
const QUOTED = 300;
const QUOTED_TABLE = 1000;
/** A row as reports quote it. */
export const quote = ({ rows, isTable }: Plan, row: number) => ({
  line: rows.lines[row] ?? 0,
  text: rows.texts[row]?.slice(0, isTable ? QUOTED_TABLE : QUOTED) ?? "",
});

/**
 * Reads the rows and decides, before anything else, which of them are measured on. Throws `TrainingError`.
 * @param textOf what an input says.
 */
export async function planRows<Input>(
  order: TrainOrder,
  textOf: (input: Input) => string,
): Promise<Plan & { inputs: Input[] }> {
  const { own, given } = await readFrozen<Input, string>(order);
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
  const texts = all.map((row) => textOf(row.input));
  const rows: Rows = {
    lines: all.map((row) => row.line),
    texts,
    labels: Int32Array.from(all, (row) => numbers.get(row.target) ?? 0),
    hashes: texts.map(contentHash),
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
  const unknownLabels = given.length - known.length;
  return { inputs: all.map(({ input }) => input), rows, names, ...split, unknownLabels };
}

export function sayPlan({ train, test, names, unknownLabels }: Plan, run: Pick<Run, "log">): void {
  run.log("info", `${train.length} rows to train on, ${test.length} to measure on, ${names.length} classes`);
  if (unknownLabels === 0) return;
  run.log(
    "warn",
    `${unknownLabels} validation rows have a label that no training row has; they are left out`,
  );
}
