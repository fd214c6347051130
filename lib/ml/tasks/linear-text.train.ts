import { openBackend } from "../backend";
import type { ModelReport } from "../contract";
import { countLeaked } from "../data/compare";
import { countNgrams, countWords } from "../data/features";
import { type FrozenRow, readFrozen, splitRows, writeSplit } from "../data/frozen-rows";
import { contentHash } from "../data/split";
import { figuresOf } from "../evaluation";
import type { LinearModel, LinearRecipe, ReadTexts } from "../recipes/linear-text";
import { estimateOf, scoreOf } from "../report/resample";
import { type BaseFiles, type Run, TrainingError, type TrainOrder, type TrainResult } from "../task";
import { createClock } from "./clock";
import type { Judge, LinearTask } from "./linear-text";
import { writeLinear } from "./linear-text.artifact";
import { type Candidate, chooseCandidate, crossValidate } from "./linear-text.candidate";
import { pickRecipes } from "./pick-recipes";
import { embedRows } from "./text-classification.based";

/** With fewer rows all of them are worth more in training. */
const LEAST_TESTED = 200;
/** Of a recipe's usual fit; slower ones have three folds instead of five. */
const SLOW_FIT_SECONDS = 60;
/** Whole fits beside the folds: choosing the strength, the measured and the served model. */
const OTHER_FITS = 4;

/** The whole of a training for a task that is linear in its texts. Throws `TrainingError`. */
export async function trainLinear<Input, Target, Output, Settings>(
  task: LinearTask<Input, Target, Output, Settings>,
  order: TrainOrder,
  run: Run,
): Promise<TrainResult> {
  const clock = createClock();
  run.stage("preprocess", "running");
  const backend = await openBackend({ threads: run.threads });
  const { recipes: asked, skipped } = pickRecipes(order, task.recipes, false);
  const { own, given } = await readFrozen<Input, Target>(order);
  const aim = task.aim(own);
  const rows = [...own, ...known(given, aim.isKnown, run)];
  const judge = aim.over(rows.map(({ target }) => target));
  const texts = rows.map(({ input }) => task.texts(input));
  const whole = texts.map((one) => one.join("\n"));
  const hashes = whole.map(contentHash);
  const split = await splitRows(order, own.length, hashes, own.length < LEAST_TESTED ? null : judge.strata);
  const { train, test } = split;
  run.log("info", `${train.length} rows to train on, ${test.length} to measure on`);
  run.stage("preprocess", "done");
  clock("preprocess");
  run.stage("augment", "skipped", "these recipes learn from the rows as they are");
  const read = await readTexts(texts, skipped === null ? order.base : null, run);
  if (skipped !== null) run.stage("base", "skipped", skipped);
  clock("base");

  run.stage("fine-tune", "running");
  const floorRecipe = task.recipes[0] as LinearRecipe;
  const recipes = asked.includes(floorRecipe) ? asked : [floorRecipe, ...asked];
  const { candidates, leftOut } = await compare(recipes, read, { judge, hashes, train }, whole, order, run);
  const floor = candidates[0] as Candidate<Settings>;
  const compared = candidates.filter(({ recipe }) => asked.includes(recipe));
  const { chosen, sentence, difference } = chooseCandidate(compared, judge);
  run.log("info", sentence);
  run.stage("fine-tune", "done");
  clock("fine-tune");

  run.stage("evaluate", "running");
  const quoted = (list: readonly number[]) =>
    list.map((row) => ({ line: rows[row]?.line ?? 0, text: whole[row] ?? "" }));
  const fitOn = (one: Candidate<Settings>, list: readonly number[]) =>
    one.prepared.fit(list, { seed: order.seed, signal: run.signal, onProgress: () => {} });
  const measure = async (one: Candidate<Settings>) => {
    if (test.length === 0)
      return { evaluation: evaluateFolds(one, judge, train, quoted(train)), model: null };
    const model = await fitOn(one, train);
    const outputs = one.prepared.outputs(model, test);
    const { settings } = one;
    const evaluation = judge.evaluate("test", outputs, test, quoted(test), () => settings, settings);
    return { evaluation, model };
  };
  const { evaluation, model: measured } = await measure(chosen);
  const floorEvaluation = floor === chosen ? evaluation : (await measure(floor)).evaluation;
  const isRefit = order.refit && test.length > 0 && order.validationRowsPath === null;
  const taught = isRefit ? [...train, ...test] : train;
  const model: LinearModel = isRefit || !measured ? await fitOn(chosen, taught) : measured;
  const base =
    chosen.recipe.needs.base && order.base ? { id: order.base.id, sha256: order.base.sha256 } : null;
  const recipe = chosen.recipe.id;
  const written = await writeLinear(run.dir, model, chosen.settings, {
    task: task.id,
    recipe,
    base,
    labels: [...aim.names],
  });
  const frozen = await writeSplit(run.dir, split.testHashes);
  const figures = figuresOf(evaluation);
  run.progress("evaluate", 1, 1, Object.fromEntries(figures.map(([metric, { value }]) => [metric, value])));
  run.stage("evaluate", "done");
  clock("evaluate");
  const report: ModelReport = {
    formatVersion: 1,
    task: task.id,
    recipe,
    base,
    rows: { total: rows.length, train: taught.length, test: test.length },
    labels: [...aim.names],
    evaluation,
    compared: compared.map((one) => ({
      recipe: one.recipe.id,
      scores: {
        ...judge.scores(one.outputs, train, one.settings),
        [judge.metric]: estimateOf(one.sums, judge.score),
      },
      seconds: one.seconds,
      chosen: one === chosen,
      effective: one.prepared.effective(),
    })),
    leftOut,
    choice: sentence,
    pairedDifference: difference,
    floor: { scores: Object.fromEntries(figuresOf(floorEvaluation)) },
    leakage: countLeaked(whole, split),
    refit: isRefit,
    seed: order.seed,
    backend: backend.label,
    seconds: clock.seconds,
    trainedTokens: taught.reduce((sum, row) => sum + countWords(whole[row] ?? ""), 0),
    hashes: { rows: order.rowsSha256, split: frozen.sha256, artifact: written.sha256 },
  };
  return { artifactDir: written.dir, splitPath: frozen.path, report };
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
async function readTexts(
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

/** Recipes out of fold, one after the other, within the budget of the order; the floor always takes part. */
async function compare<Settings>(
  recipes: readonly LinearRecipe[],
  read: readonly ReadTexts[],
  judged: { judge: Judge<Settings>; hashes: readonly string[]; train: readonly number[] },
  texts: readonly string[],
  order: TrainOrder,
  run: Run,
) {
  const deadline = performance.now() + order.budgetMinutes * 60_000;
  const { judge, train } = judged;
  const characters = texts.reduce((sum, text) => sum + Math.min(text.length, 4000), 0);
  const profile = {
    rows: train.length,
    classes: judge.objective.outputs,
    meanTokens: characters / 4 / Math.max(1, texts.length),
  };
  const fitSeconds = (recipe: LinearRecipe) => recipe.estimate(profile).seconds;
  const k = Math.max(...recipes.map(fitSeconds)) > SLOW_FIT_SECONDS ? 3 : 5;
  const candidates: Candidate<Settings>[] = [];
  const leftOut: ModelReport["leftOut"] = [];
  for (const [place, recipe] of recipes.entries()) {
    const seconds = Math.round(fitSeconds(recipe) * (k + OTHER_FITS));
    if (order.recipe === "auto" && place > 0 && performance.now() + seconds * 1000 > deadline) {
      run.log(
        "warn",
        `${recipe.id} was left out: it would take about ${Math.ceil(seconds / 60)} minutes, more than is left of the budget of ${order.budgetMinutes}`,
      );
      leftOut.push({ recipe: recipe.id, seconds });
      continue;
    }
    const onProgress = (share: number) => run.progress("fine-tune", place + share, recipes.length);
    const candidate = await crossValidate(recipe, read, judged, k, order, run, onProgress);
    candidates.push(candidate);
    const value = scoreOf(candidate.sums, judge.score);
    run.progress("fine-tune", place + 1, recipes.length, { [`${recipe.id}_${judge.metric}`]: value });
    run.log("info", `${recipe.id}: ${judge.metric} ${value.toFixed(3)} out of fold`, {
      recipe: recipe.id,
      [judge.metric]: value,
      seconds: candidate.seconds,
      ...candidate.prepared.effective(),
    });
  }
  return { candidates, leftOut };
}

/** Without test rows: every row by what was settled on the other folds. */
function evaluateFolds<Settings>(
  { outputs, folds, settings }: Candidate<Settings>,
  judge: Judge<Settings>,
  train: readonly number[],
  quoted: readonly { line: number; text: string }[],
) {
  const width = judge.objective.outputs;
  const places = train.map((_, place) => place);
  const settled = new Map(
    [...new Set(folds)].map((fold) => {
      const others = places.filter((place) => folds[place] !== fold);
      const taken = new Float32Array(others.length * width);
      for (const [at, place] of others.entries())
        taken.set(outputs.subarray(place * width, (place + 1) * width), at * width);
      return [
        fold,
        judge.settle(
          taken,
          others.map((place) => train[place] as number),
        ),
      ];
    }),
  );
  const settingsOf = (place: number) => settled.get(folds[place] as number) ?? settings;
  return judge.evaluate("cross_validated", outputs, train, quoted, settingsOf, settings);
}
