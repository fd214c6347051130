import { join } from "node:path";
import { openBackend } from "../backend";
import type { ModelReport } from "../contract";
import { writeSplit } from "../data/frozen-rows";
import { type Evaluation, figuresOf } from "../evaluation";
import type { Run, TrainOrder, TrainResult } from "../task";
import type { Choice } from "./choose-recipe";
import { askOne } from "./in-parts";
import { orNextBest } from "./or-next-best";
import { scoresBeside } from "./scores-beside";
import { type Candidate, chooseCandidate, type Measure, type TrialRows } from "./trials";

/** What a task adds to a model and its report. */
export interface Ending<Model, Judged> {
  task: string;
  labels: string[];
  /** Content hashes of the frozen test split, for this dataset's next trainings. */
  testHashes: readonly string[];
  measure: Measure<Judged>;
  evaluate(kind: Evaluation["kind"], judged: readonly Judged[]): Evaluation;
  /** Writes the artifact of a model; gives its sha256. @param unseen what models like it answered out of fold. */
  write(model: Model, dir: string, unseen: readonly Judged[]): Promise<string>;
  /** Tokens of a row as they are billed. */
  tokensOf(row: number): number;
}
export interface Compared<Model, Judged> {
  /** Those that were asked for. */
  asked: readonly Candidate<Model, Judged>[];
  floor: Candidate<Model, Judged>;
  /** The plainest one on the base as it is, asked for or not; null where the base is not read. */
  frozen: Candidate<Model, Judged> | null;
  leftOut: ModelReport["leftOut"];
}

/**
 * From compared recipes to a model with its report: the best is chosen, measured, fitted on all it may learn from,
 * and written below `dir`. Done once for the provisional model and once for the final one.
 */
export const concludeTrials = <Model, Judged>(
  compared: Compared<Model, Judged>,
  rows: TrialRows,
  ending: Ending<Model, Judged>,
  order: TrainOrder,
  run: Run,
  to: { dir: string; seconds: ModelReport["seconds"] },
): Promise<TrainResult> =>
  orNextBest(
    compared.asked,
    order,
    run,
    (left) => chooseCandidate(left, ending.measure),
    (choice) => concludeChosen(choice, compared, rows, ending, order, run, to),
  );

async function concludeChosen<Model, Judged>(
  { chosen, sentence, difference }: Choice<Candidate<Model, Judged>>,
  { asked, floor, frozen, leftOut }: Compared<Model, Judged>,
  rows: TrialRows,
  ending: Ending<Model, Judged>,
  order: TrainOrder,
  run: Run,
  to: { dir: string; seconds: ModelReport["seconds"] },
): Promise<TrainResult> {
  const options = { seed: order.seed, signal: run.signal, onProgress: () => {} };
  /** On the frozen test rows, by a model fitted on the others; without test rows, from the out-of-fold answers. */
  const measured = async ({ trial, judged }: Candidate<Model, Judged>) => {
    if (rows.test.length === 0)
      return { evaluation: ending.evaluate("cross_validated", judged), model: null };
    const model = await trial.fit(rows.train, options);
    const answered = (await askOne(model, rows.test, run.signal, trial.judge)).flat();
    return { evaluation: ending.evaluate("test", answered), model };
  };
  const own = await measured(chosen);
  const beside = await scoresBeside(chosen, own.evaluation, { floor, frozen }, async (one) => {
    const other = await measured(one);
    return other.evaluation;
  });
  const isRefit = order.refit && rows.test.length > 0 && order.validationRowsPath === null;
  const taught = isRefit ? [...rows.train, ...rows.test] : rows.train;
  const model = (isRefit ? null : own.model) ?? (await chosen.trial.fit(taught, options));
  const artifactDir = join(to.dir, "artifact");
  const artifact = await ending.write(model, artifactDir, chosen.judged);
  const split = await writeSplit(to.dir, ending.testHashes);
  const figures = Object.fromEntries(figuresOf(own.evaluation));
  const shown = Object.entries(figures).map(([name, { value }]) => [name, value]);
  run.progress("evaluate", 1, 1, Object.fromEntries(shown));
  const report: ModelReport = {
    formatVersion: 1,
    task: ending.task,
    recipe: chosen.recipe.id,
    base: chosen.recipe.needs.base && order.base ? { id: order.base.id, sha256: order.base.sha256 } : null,
    rows: { total: rows.hashes.length, train: taught.length, test: rows.test.length },
    labels: ending.labels,
    evaluation: own.evaluation,
    compared: asked.map((one) => ({
      recipe: one.recipe.id,
      scores: { [ending.measure.metric]: one.score },
      seconds: one.seconds,
      chosen: one === chosen,
      effective: one.trial.effective(),
      ...(one.readings && { readings: one.readings }),
    })),
    leftOut,
    choice: sentence,
    pairedDifference: difference,
    ...beside,
    refit: isRefit,
    seed: order.seed,
    backend: (await openBackend()).label,
    seconds: to.seconds,
    trainedTokens: taught.reduce((sum, row) => sum + ending.tokensOf(row), 0),
    hashes: {
      rows: order.rowsSha256,
      split: split.sha256,
      artifact,
    },
  };
  return { artifactDir, splitPath: split.path, report };
}
