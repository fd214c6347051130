import { join } from "node:path";
import { openBackend } from "../backend";
import type { ModelReport } from "../contract";
import { countWords } from "../data/features";
import { writeSplit } from "../data/frozen-rows";
import { figuresOf, type LabelsEvaluation } from "../evaluation";
import type { Run, TrainOrder, TrainResult } from "../task";
import { writeTextArtifact } from "./text-classification.artifact";
import { type Candidate, choose, isForeignScript } from "./text-classification.compare";
import { describeModel } from "./text-classification.describe";
import { fitModel, measure } from "./text-classification.measure";
import type { Plan } from "./text-classification.rows";
import { validateScope } from "./text-classification.scope";

export interface Compared {
  candidates: readonly Candidate[];
  /** The lexical recipe, asked for or not. */
  floor: Candidate;
  leftOut: ModelReport["leftOut"];
}

export interface LabelsResult extends TrainResult {
  report: ModelReport & { evaluation: LabelsEvaluation };
}

/**
 * From compared recipes to a model with its report: the best is chosen, measured, fitted on all it may learn from,
 * and written below `dir`. Done once for the provisional model and once for the final one.
 */
export async function conclude(
  compared: Compared,
  plan: Plan,
  order: TrainOrder,
  run: Run,
  to: { dir: string; task: string; seconds: ModelReport["seconds"] },
): Promise<LabelsResult> {
  const { candidates, floor, leftOut } = compared;
  const { rows, names } = plan;
  const { chosen, sentence, difference } = choose(candidates, isForeignScript(rows.texts));
  run.log("info", sentence);
  const { evaluation, model: measured } = await measure(chosen, plan, order, run);
  const floorEvaluation = floor === chosen ? evaluation : (await measure(floor, plan, order, run)).evaluation;
  const isRefit = order.refit && plan.test.length > 0 && order.validationRowsPath === null;
  const taught = isRefit ? [...plan.train, ...plan.test] : plan.train;
  const model = isRefit || !measured ? await fitModel(chosen, plan, taught, order, run) : measured;
  const artifactDir = join(to.dir, "artifact");
  const vectors = chosen.prepared.vectors(model, taught);
  const written = await writeTextArtifact(artifactDir, model, plan, taught, vectors, {
    base: order.base,
    temperature: chosen.temperature,
    seed: order.seed,
    task: to.task,
    validateScope: (references) => validateScope(chosen, plan, references, order.seed, run),
  });
  const described = await describeModel(chosen, plan, evaluation.selective, taught.length, order.seed, run);
  const split = await writeSplit(to.dir, plan.testHashes);
  const report: LabelsResult["report"] = {
    formatVersion: 1,
    task: to.task,
    recipe: chosen.recipe.id,
    base: order.base && model.kind !== "lexical" ? { id: order.base.id, sha256: order.base.sha256 } : null,
    rows: { total: rows.texts.length, train: taught.length, test: plan.test.length },
    labels: names,
    evaluation,
    compared: candidates.map((one) => ({
      recipe: one.recipe.id,
      scores: { accuracy: one.accuracy, macro_f1: { value: one.macroF1 } },
      seconds: one.seconds,
      chosen: one === chosen,
      effective: one.prepared.effective(),
    })),
    leftOut,
    choice: sentence,
    pairedDifference: difference,
    floor: { scores: Object.fromEntries(figuresOf(floorEvaluation)) },
    temperature: chosen.temperature,
    scope: written.scope,
    ...described,
    refit: isRefit,
    seed: order.seed,
    backend: model.kind === "lexical" ? "typed arrays" : (await openBackend()).label,
    seconds: to.seconds,
    trainedTokens: taught.reduce((sum, row) => sum + countWords(rows.texts[row] ?? ""), 0),
    hashes: {
      rows: order.rowsSha256,
      split: split.sha256,
      artifact: written.sha256,
    },
  };
  return { artifactDir, splitPath: split.path, report };
}
