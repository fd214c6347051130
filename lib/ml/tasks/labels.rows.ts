import { readFrozen, type Split, splitRows } from "../data/frozen-rows";
import { MIN_ROWS } from "../data/refusal";
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
  /**
   * Row numbers whose label a model gave: every fit learns from them too, and none is ever judged. No row that is
   * judged has the text of one.
   */
  taughtOnly: number[];
  names: string[];
  /** Validation rows whose label no training row has. */
  unknownLabels: number;
  /** Rows of a table, of which nothing but the same values is alike. */
  isTable?: true;
}

/** Class numbers of some rows. */
export const labelsOf = (plan: Plan, rows: readonly number[]) =>
  Int32Array.from(rows, (row) => plan.rows.labels[row] as number);

/** What a model learns from that is measured on other rows. */
export const taughtRows = ({ train, taughtOnly }: Plan) => [...train, ...taughtOnly];

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
  const [people, models] = [own.filter(isOfPeople), own.filter((row) => !isOfPeople(row))];
  if (people.length < MIN_ROWS)
    throw new TrainingError(
      "rows_too_few",
      `People labelled ${people.length} of the rows, a model the others. Add rows that people labelled until there are at least ${MIN_ROWS}: how good a model is can be told on those alone.`,
      "training_file",
    );
  const judged = [...people, ...known.filter(isOfPeople)];
  const all = [...judged, ...models];
  const texts = all.map((row) => textOf(row.input));
  const rows: Rows = {
    lines: all.map((row) => row.line),
    texts,
    labels: Int32Array.from(all, (row) => numbers.get(row.target) ?? 0),
    hashes: texts.map(contentHash),
  };
  if (order.validationRowsPath && judged.length === people.length)
    throw new TrainingError(
      "invalid_training_file",
      "No row of the validation file that a person labelled has a label that the training file has.",
      "validation_file",
    );
  const hashes = rows.hashes.slice(0, judged.length);
  const labels = rows.labels.subarray(0, judged.length);
  const split = await splitRows(order, people.length, hashes, { labels, count: names.length });
  const isJudged = new Set([...hashes, ...split.testHashes]);
  const taughtOnly = models
    .map((_, i) => judged.length + i)
    .filter((row) => !isJudged.has(rows.hashes[row] ?? ""));
  const unknownLabels = given.length - known.length;
  return { inputs: all.map(({ input }) => input), rows, names, ...split, taughtOnly, unknownLabels };
}

const isOfPeople = ({ labelledBy }: { labelledBy?: "model" }) => labelledBy === undefined;

export function sayPlan(
  { train, test, taughtOnly, names, unknownLabels }: Plan,
  run: Pick<Run, "log">,
): void {
  run.log("info", `${train.length} rows to train on, ${test.length} to measure on, ${names.length} classes`);
  if (taughtOnly.length > 0)
    run.log("info", `${taughtOnly.length} more rows teach without being measured: a model labelled them`);
  if (unknownLabels === 0) return;
  run.log(
    "warn",
    `${unknownLabels} validation rows have a label that no training row has; they are left out`,
  );
}
