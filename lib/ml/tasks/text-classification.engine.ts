import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openBackend } from "../backend";
import { embedTexts } from "../base/embeddings";
import { openBase } from "../base/forward";
import { openTokenizer } from "../base/tokenizer";
import { BASES } from "../catalogue";
import type { ModelReport } from "../contract";
import { wordsOf } from "../recipes/class-names";
import { head } from "../recipes/head";
import { lexical } from "../recipes/lexical";
import type { TextRecipe } from "../recipes/text-recipe";
import { wide } from "../recipes/wide";
import { type Engine, type Run, TrainingError, type TrainOrder, type TrainResult } from "../task";
import type { LabelOutput } from "./text-classification";
import { writeTextArtifact } from "./text-classification.artifact";
import { type Candidate, choose, crossValidate, isForeignScript } from "./text-classification.compare";
import { describeModel } from "./text-classification.describe";
import { fitModel, measure } from "./text-classification.measure";
import { openTextModel } from "./text-classification.predict";
import { type Plan, planRows } from "./text-classification.rows";
import { validateScope } from "./text-classification.scope";

const TASK = "text-classification";
/** Cheapest first. */
const RECIPES = [lexical, head, wide] as const;

export const engine: Engine<string, string, LabelOutput> = { recipes: RECIPES, train, open: openTextModel };

/** The recipes to compare, and why the base is left out when it is. */
function candidatesOf(order: TrainOrder): { recipes: TextRecipe[]; skipped: string | null } {
  if (order.recipe !== "auto") {
    const recipe = RECIPES.find((one) => one.id === order.recipe);
    if (!recipe)
      throw new TrainingError(
        "recipe_unsupported",
        `The recipe "${order.recipe}" is not known.`,
        "graft.recipe",
      );
    if (recipe.needs.base && !order.base)
      throw new TrainingError(
        "base_unavailable",
        "The pretrained base is not installed here. Use the lexical recipe, or ask your provider to add it.",
        "model",
      );
    return { recipes: [recipe], skipped: recipe.needs.base ? null : `the ${recipe.id} recipe needs no base` };
  }
  if (order.base) return { recipes: [...RECIPES], skipped: null };
  return { recipes: [lexical], skipped: "no pretrained base is installed here" };
}

async function train(order: TrainOrder, run: Run): Promise<TrainResult> {
  const clock = createClock();
  run.stage("preprocess", "running");
  const { recipes, skipped } = candidatesOf(order);
  const plan = await planRows(order);
  const { rows, names } = plan;
  run.log(
    "info",
    `${plan.train.length} rows to train on, ${plan.test.length} to measure on, ${names.length} classes`,
  );
  if (plan.unknownLabels > 0)
    run.log(
      "warn",
      `${plan.unknownLabels} validation rows have a label that no training row has; they are left out`,
    );
  run.stage("preprocess", "done");
  clock("preprocess");
  run.stage("augment", "skipped", "these recipes learn from the rows as they are");

  const embeddings = skipped === null && order.base ? await embed(order, plan, run) : null;
  if (skipped !== null) run.stage("base", "skipped", skipped);
  clock("base");

  run.stage("fine-tune", "running");
  const { candidates, leftOut, chosen, sentence, difference, floor } = await compare(
    order,
    recipes,
    plan,
    embeddings,
    run,
  );
  clock("fine-tune");

  run.stage("evaluate", "running");
  const { evaluation, model: measured } = await measure(chosen, plan, order, run);
  const floorEvaluation = floor === chosen ? evaluation : (await measure(floor, plan, order, run)).evaluation;
  run.progress("evaluate", 1, 2);
  const isRefit = order.refit && plan.test.length > 0 && order.validationRowsPath === null;
  const taught = isRefit ? [...plan.train, ...plan.test] : plan.train;
  const model = isRefit || !measured ? await fitModel(chosen, plan, taught, order, run) : measured;
  const artifactDir = join(run.dir, "artifact");
  const written = await writeTextArtifact(artifactDir, model, plan, taught, embeddings, {
    base: order.base,
    temperature: chosen.temperature,
    seed: order.seed,
    task: TASK,
    validateScope: (references) => validateScope(chosen, plan, references, order.seed, run),
  });
  const described = await describeModel(chosen, plan, evaluation.selective, taught.length, order.seed, run);
  const splitPath = join(run.dir, "split");
  await mkdir(run.dir, { recursive: true });
  const split = plan.testHashes.map((hash) => `${hash}\n`).join("");
  await writeFile(splitPath, split);
  run.progress("evaluate", 2, 2, { accuracy: evaluation.accuracy.value, macro_f1: evaluation.macroF1.value });
  run.stage("evaluate", "done");
  clock("evaluate");
  const report: ModelReport = {
    formatVersion: 1,
    task: TASK,
    recipe: chosen.recipe.id,
    base:
      embeddings && order.base && model.kind !== "lexical"
        ? { id: order.base.id, sha256: order.base.sha256 }
        : null,
    rows: { total: rows.texts.length, train: taught.length, test: plan.test.length },
    labels: names,
    evaluation,
    compared: candidates.map((one) => ({
      recipe: one.recipe.id,
      accuracy: one.accuracy,
      macroF1: one.macroF1,
      seconds: one.seconds,
      chosen: one === chosen,
      effective: one.prepared.effective(),
    })),
    leftOut,
    choice: sentence,
    pairedDifference: difference,
    floor: { accuracy: floorEvaluation.accuracy, macroF1: floorEvaluation.macroF1.value },
    temperature: chosen.temperature,
    scope: written.scope,
    ...described,
    refit: isRefit,
    seed: order.seed,
    backend: model.kind === "lexical" ? "typed arrays" : (await openBackend()).label,
    seconds: clock.seconds,
    trainedTokens: taught.reduce((sum, row) => sum + (rows.texts[row]?.match(/\S+/g)?.length ?? 0), 0),
    hashes: {
      rows: order.rowsSha256,
      split: createHash("sha256").update(split).digest("hex"),
      artifact: written.sha256,
    },
  };
  return { artifactDir, splitPath, report };
}

/** Compares the recipes out of fold, within the budget; the lexical one is always there as the floor. */
async function compare(
  order: TrainOrder,
  recipes: readonly TextRecipe[],
  plan: Plan,
  embeddings: readonly Float32Array[] | null,
  run: Run,
) {
  const asked = new Set(recipes.map((recipe) => recipe.id));
  const all = asked.has(lexical.id) ? [...recipes] : [lexical, ...recipes];
  const deadline = performance.now() + order.budgetMinutes * 60_000;
  const profile = profileOf(plan);
  const data = { texts: plan.rows.texts, names: plan.names.map(wordsOf), embeddings };
  const found: Candidate[] = [];
  const leftOut: { recipe: string; seconds: number }[] = [];
  for (const [i, recipe] of all.entries()) {
    const seconds = Math.round(recipe.estimate(profile).seconds * FITS);
    // What was asked for by name is trained whatever it takes: the budget chooses between recipes.
    if (order.recipe === "auto" && i > 0 && performance.now() + seconds * 1000 > deadline) {
      run.log("warn", `${recipe.id} was left out: ${tooDear(seconds, order.budgetMinutes)}`);
      leftOut.push({ recipe: recipe.id, seconds });
      continue;
    }
    const prepared = await recipe.prepare(data);
    const candidate = await crossValidate(recipe, prepared, plan, order.seed, run, (share) =>
      run.progress("fine-tune", i + share, all.length),
    );
    const accuracy = candidate.accuracy.value;
    run.progress("fine-tune", i + 1, all.length, { [`${recipe.id}_accuracy`]: accuracy });
    run.log("info", `${recipe.id}: ${(accuracy * 100).toFixed(1)} % right out of fold`, {
      recipe: recipe.id,
      accuracy,
      seconds: candidate.seconds,
      ...prepared.effective(),
    });
    found.push(candidate);
  }
  const candidates = found.filter((one) => asked.has(one.recipe.id));
  const floor = found[0];
  if (!floor) throw new Error("no recipe was compared");
  const choice = choose(candidates, isForeignScript(plan.rows.texts));
  run.log("info", choice.sentence);
  run.stage("fine-tune", "done");
  return { candidates, leftOut, floor, ...choice };
}

/** Fits of one recipe in a training: its own choices (about two), five folds of 80 %, the measured and the served one. */
const FITS = 8;

function profileOf(plan: Plan) {
  const rows = plan.rows.texts.length;
  const characters = plan.rows.texts.reduce((sum, text) => sum + Math.min(text.length, 4000), 0);
  // English has about four characters a word piece; languages without spaces have one or two.
  return { rows, classes: plan.names.length, meanTokens: characters / 4 / Math.max(1, rows) };
}

const tooDear = (seconds: number, minutes: number) =>
  `it would take about ${Math.ceil(seconds / 60)} minutes, more than is left of the budget of ${minutes}`;

async function embed(order: TrainOrder, plan: Plan, run: Run): Promise<Float32Array[]> {
  const files = order.base;
  const known = Object.values(BASES).find((base) => base.id === files?.id);
  if (!files || !known) throw new Error(`the base ${files?.id} is not in the catalogue`);
  run.stage("base", "running");
  const base = await openBase(files.dir, { threads: run.threads });
  try {
    const embeddings = await embedTexts([...plan.rows.texts, ...plan.names.map(wordsOf)], {
      cacheDir: run.cacheDir,
      baseSha256: files.sha256,
      hidden: known.hidden,
      tokenize: await openTokenizer(files.dir, known.maxTokens),
      base,
      signal: run.signal,
      onProgress: (done, total) => run.progress("base", done, total),
    });
    run.stage("base", "done");
    return embeddings;
  } finally {
    await base.close();
  }
}

/** Notes the seconds since the last call under a stage's name. */
function createClock() {
  let last = performance.now();
  const seconds: Record<string, number> = {};
  const clock = (stage: string) => {
    const now = performance.now();
    seconds[stage] = Number(((now - last) / 1000).toFixed(2));
    last = now;
  };
  return Object.assign(clock, { seconds });
}
