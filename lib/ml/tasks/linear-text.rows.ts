import { countNgrams } from "../data/features";
import { type FrozenRow, readFrozen, type Split, splitRows } from "../data/frozen-rows";
import { contentHash } from "../data/split";
import type { ReadTexts } from "../recipes/linear-text";
import { type BaseFiles, type Run, TrainingError, type TrainOrder } from "../task";
import type { Judge, LinearTask } from "./linear-text";
import { embedRows } from "./text-classification.based";

/** The rows of an order as the recipes need them, by row number. */
export interface LinearPlan<Settings> extends Split {
  judge: Judge<Settings>;
  names: readonly string[];
  lines: readonly number[];
  /** The texts of each row, apart and one under the other. */
  texts: readonly (readonly string[])[];
  whole: readonly string[];
  hashes: readonly string[];
}

/** With fewer rows all of them are worth more in training. */
const LEAST_TESTED = 200;

/** Reads the rows and decides, before anything else, which of them are measured on. Throws `TrainingError`. */
export async function planLinear<Input, Target, Output, Settings>(
  task: LinearTask<Input, Target, Output, Settings>,
  order: TrainOrder,
  run: Run,
): Promise<LinearPlan<Settings>> {
  const { own, given } = await readFrozen<Input, Target>(order);
  const aim = task.aim(own);
  const rows = [...own, ...known(given, aim.isKnown, run)];
  const judge = aim.over(rows.map(({ target }) => target));
  const texts = rows.map(({ input }) => task.texts(input));
  const whole = texts.map((one) => one.join("\n"));
  const hashes = whole.map(contentHash);
  const strata = own.length < LEAST_TESTED ? null : judge.strata;
  const split = await splitRows(order, own.length, hashes, strata);
  return { ...split, judge, names: aim.names, lines: rows.map(({ line }) => line), texts, whole, hashes };
}

/** Validation rows whose targets the training rows teach. Throws when none is left. */
function known<Input, Target>(
  given: readonly FrozenRow<Input, Target>[],
  isKnown: (target: Target) => boolean,
  run: Run,
): readonly FrozenRow<Input, Target>[] {
  const kept = given.filter(({ target }) => isKnown(target));
  if (given.length > 0 && kept.length === 0)
    throw new TrainingError(
      "invalid_training_file",
      "No row of the validation file has a label that the training file has.",
      "validation_file",
    );
  if (kept.length < given.length)
    run.log(
      "warn",
      `${given.length - kept.length} validation rows have a label that no training row has; they are left out`,
    );
  return kept;
}

/** What the recipes read of each row's texts. */
export async function readTexts(
  texts: readonly (readonly string[])[],
  base: BaseFiles | null,
  run: Run,
): Promise<ReadTexts[]> {
  const embedded = base ? await embedRows(texts.flat(), base, run) : [];
  let used = 0;
  return texts.map((own) => {
    used += own.length;
    return { counted: own.map(countNgrams), vectors: embedded.slice(used - own.length, used) };
  });
}
