import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { ModelReport } from "../contract";
import { writeSplit } from "../data/frozen-rows";
import type { LabelsEvaluation } from "../evaluation";
import type { LabelRecipe, PreparedLabels } from "../recipes/label-recipe";
import type { Run, TrainOrder, TrainResult } from "../task";
import type { Choice } from "./choose-recipe";
import type { Candidate } from "./labels.compare";
import { describeModel } from "./labels.describe";
import { fitModel, measure } from "./labels.measure";
import type { Plan } from "./labels.rows";
import { orNextBest } from "./or-next-best";
import { scoresBeside } from "./scores-beside";

export interface Compared<C> {
  candidates: readonly C[];
  /** The cheapest recipe, asked for or not. */
  floor: C;
  /** The plainest one on the base as it is, asked for or not; null where the base is not read. */
  frozen: C | null;
  leftOut: ModelReport["leftOut"];
}

export interface LabelsResult extends TrainResult {
  report: ModelReport & { evaluation: LabelsEvaluation };
}

/** What a report says that depends on what a row is. */
type OwnPart = Pick<ModelReport, "base" | "backend" | "trainedTokens"> &
  Partial<Pick<ModelReport, "importedAdapter" | "scope" | "columns" | "precision" | "ownSession">>;

interface Ending<Model, C> {
  dir: string;
  task: string;
  seconds: ModelReport["seconds"];
  /** Among candidates that were compared on the same rows. */
  choose(candidates: readonly C[]): Choice<C>;
  /**
   * Writes the served model into `dir`; its hash, and what the report says of it. `measured` is the model that the test
   * rows were asked of; null without any.
   */
  write(
    dir: string,
    chosen: C,
    model: Model,
    taught: readonly number[],
    measured: Model | null,
  ): Promise<{ sha256: string; own: OwnPart }>;
}

/**
 * From compared recipes to a model with its report: the best is chosen, measured, fitted on all it may learn from,
 * and written below `dir`. Done once for the provisional model and once for the final one.
 */
export const concludeLabels = <Model, C extends Candidate<LabelRecipe, PreparedLabels<Model>>>(
  compared: Compared<C>,
  plan: Plan,
  order: TrainOrder,
  run: Run,
  to: Ending<Model, C>,
): Promise<LabelsResult> =>
  orNextBest(compared.candidates, order, run, to.choose, (choice) =>
    concludeChosen(choice, compared, plan, order, run, to),
  );

async function concludeChosen<Model, C extends Candidate<LabelRecipe, PreparedLabels<Model>>>(
  { chosen, sentence, difference }: Choice<C>,
  { candidates, floor, frozen, leftOut }: Compared<C>,
  plan: Plan,
  order: TrainOrder,
  run: Run,
  to: Ending<Model, C>,
): Promise<LabelsResult> {
  const { rows, names } = plan;
  const { evaluation, model: measured } = await measure<Model>(chosen, plan, order, run);
  const beside = await scoresBeside(chosen, evaluation, { floor, frozen }, async (one) => {
    const other = await measure<Model>(one, plan, order, run);
    return other.evaluation;
  });
  const isRefit = order.refit && plan.test.length > 0 && order.validationRowsPath === null;
  const judged = isRefit ? [...plan.train, ...plan.test] : plan.train;
  const taught = [...judged, ...plan.taughtOnly];
  const model = isRefit || !measured ? await fitModel<Model>(chosen, plan, taught, order, run) : measured;
  // Before the fits of a learning curve, which are over fewer rows.
  const compared = candidates.map((one) => ({
    recipe: one.recipe.id,
    scores: { accuracy: one.accuracy, macro_f1: { value: one.macroF1 } },
    seconds: one.seconds,
    chosen: one === chosen,
    effective: one.prepared.effective(),
    ...(one.readings && { readings: one.readings }),
  }));
  const artifactDir = join(to.dir, "artifact");
  // One that was dropped may have got as far as this.
  await rm(artifactDir, { recursive: true, force: true });
  const { sha256, own } = await to.write(artifactDir, chosen, model, taught, measured);
  const others = [floor, ...(frozen ? [frozen] : []), ...candidates].filter((one) => one !== chosen);
  const described = await describeModel(
    chosen,
    others,
    plan,
    evaluation.selective,
    judged.length,
    order.seed,
    run,
  );
  const split = await writeSplit(to.dir, plan.testHashes);
  const report: LabelsResult["report"] = {
    formatVersion: 1,
    task: to.task,
    recipe: chosen.recipe.id,
    rows: {
      total: rows.texts.length,
      train: taught.length,
      test: plan.test.length,
      ...(plan.taughtOnly.length > 0 ? { taughtOnly: plan.taughtOnly.length } : {}),
    },
    labels: names,
    evaluation,
    compared,
    leftOut,
    choice: sentence,
    pairedDifference: difference,
    ...beside,
    temperature: chosen.temperature,
    ...own,
    ...described,
    refit: isRefit,
    seed: order.seed,
    seconds: to.seconds,
    hashes: { rows: order.rowsSha256, split: split.sha256, artifact: sha256 },
  };
  return { artifactDir, splitPath: split.path, report };
}
