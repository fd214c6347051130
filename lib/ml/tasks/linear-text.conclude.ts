import type { ModelReport } from "../contract";
import { countLeaked } from "../data/compare";
import { countWords } from "../data/features";
import { writeSplit } from "../data/frozen-rows";
import type { Evaluation } from "../evaluation";
import { concatenate } from "../linear/matrix";
import type { LinearModel } from "../recipes/linear-text";
import { estimateOf } from "../report/resample";
import type { Run, TrainOrder, TrainResult } from "../task";
import type { Choice } from "./choose-recipe";
import { askOne } from "./in-parts";
import { writeLinear } from "./linear-text.artifact";
import { type Candidate, chooseCandidate } from "./linear-text.candidate";
import type { Compared } from "./linear-text.compare";
import type { LinearPlan } from "./linear-text.rows";
import { orNextBest } from "./or-next-best";
import { scoresBeside } from "./scores-beside";

/** From compared recipes to a model with its report: the best is chosen, measured, fitted on all it may learn from. */
export const concludeLinear = <Settings>(
  compared: Compared<Settings>,
  plan: LinearPlan<Settings>,
  order: TrainOrder,
  run: Run,
  facts: { task: string; backend: string; seconds: ModelReport["seconds"] },
): Promise<TrainResult> =>
  orNextBest(
    compared.candidates,
    order,
    run,
    (left) => chooseCandidate(left, plan.judge),
    (choice) => concludeChosen(choice, compared, plan, order, run, facts),
  );

async function concludeChosen<Settings>(
  { chosen, sentence, difference }: Choice<Candidate<Settings>>,
  { candidates, floor, frozen, leftOut }: Compared<Settings>,
  plan: LinearPlan<Settings>,
  order: TrainOrder,
  run: Run,
  facts: { task: string; backend: string; seconds: ModelReport["seconds"] },
): Promise<TrainResult> {
  const { judge, train, test, whole } = plan;
  const labels = [...plan.names];
  const { evaluation, model: measured } = await measure(chosen, plan, order, run);
  const beside = await scoresBeside(chosen, evaluation, { floor, frozen }, async (one) => {
    const other = await measure(one, plan, order, run);
    return other.evaluation;
  });
  const isRefit = order.refit && test.length > 0 && order.validationRowsPath === null;
  const taught = isRefit ? [...train, ...test] : train;
  const model = isRefit || !measured ? await fitOn(chosen, taught, order, run) : measured;
  const { id: recipe, needs } = chosen.recipe;
  const base = needs.base && order.base ? { id: order.base.id, sha256: order.base.sha256 } : null;
  const written = await writeLinear(run.dir, model, chosen.settings, {
    task: facts.task,
    recipe,
    base,
    labels,
  });
  const split = await writeSplit(run.dir, plan.testHashes);
  const report: ModelReport = {
    formatVersion: 1,
    ...facts,
    recipe,
    base,
    rows: { total: whole.length, train: taught.length, test: test.length },
    labels,
    evaluation,
    compared: candidates.map((one) => ({
      recipe: one.recipe.id,
      scores: {
        ...judge.scores(one.outputs, train, one.settings),
        [judge.metric]: estimateOf(one.sums, judge.score),
      },
      seconds: one.seconds,
      chosen: one === chosen,
      effective: one.prepared.effective(),
      ...(one.readings && { readings: one.readings }),
    })),
    leftOut,
    choice: sentence,
    pairedDifference: difference,
    ...beside,
    leakage: countLeaked(whole, plan),
    refit: isRefit,
    seed: order.seed,
    trainedTokens: taught.reduce((sum, row) => sum + countWords(whole[row] ?? ""), 0),
    hashes: { rows: order.rowsSha256, split: split.sha256, artifact: written.sha256 },
  };
  return { artifactDir: written.dir, splitPath: split.path, report };
}

const fitOn = (one: Candidate<unknown>, rows: readonly number[], order: TrainOrder, run: Run) =>
  one.prepared.fit(rows, { seed: order.seed, signal: run.signal, onProgress: () => {} });

/** On the test rows, by a model fitted on the others; without test rows, from the folds' answers. */
async function measure<Settings>(
  one: Candidate<Settings>,
  plan: LinearPlan<Settings>,
  order: TrainOrder,
  run: Run,
): Promise<{ evaluation: Evaluation; model: LinearModel | null }> {
  const { judge, train, test } = plan;
  const quoted = (rows: readonly number[]) =>
    rows.map((row) => ({ line: plan.lines[row] ?? 0, text: plan.whole[row] ?? "" }));
  if (test.length === 0) {
    const settingsOf = settleByFold(one, plan);
    const { outputs, settings } = one;
    return {
      evaluation: judge.evaluate("cross_validated", outputs, train, quoted(train), settingsOf, settings),
      model: null,
    };
  }
  const model = await fitOn(one, train, order, run);
  const outputs = concatenate(await askOne(model, test, run.signal, one.prepared.outputs));
  const { settings } = one;
  return { evaluation: judge.evaluate("test", outputs, test, quoted(test), () => settings, settings), model };
}

/** What each row is judged by: what was settled on the other folds. */
function settleByFold<Settings>(
  { outputs, folds, settings }: Candidate<Settings>,
  { judge, train }: LinearPlan<Settings>,
): (place: number) => Settings {
  const width = judge.objective.outputs;
  const settled = new Map(
    [...new Set(folds)].map((fold) => {
      const others = [...train.keys()].filter((place) => folds[place] !== fold);
      const taken = new Float32Array(others.length * width);
      for (const [at, place] of others.entries())
        taken.set(outputs.subarray(place * width, (place + 1) * width), at * width);
      const rows = others.map((place) => train[place] as number);
      return [fold, judge.settle(taken, rows)];
    }),
  );
  return (place) => settled.get(folds[place] as number) ?? settings;
}
