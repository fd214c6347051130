import { join } from "node:path";
import { openBackend } from "../backend";
import { importAdapter } from "../portable/import";
import { wordsOf } from "../recipes/class-names";
import { full } from "../recipes/full";
import { head } from "../recipes/head";
import { lexical } from "../recipes/lexical";
import { lora } from "../recipes/lora";
import type { TextRecipe } from "../recipes/text-recipe";
import { wide } from "../recipes/wide";
import type { BaseFiles, Engine, Run, ServedAdapter, TrainOrder } from "../task";
import { createClock } from "./clock";
import type { LabelsResult } from "./labels.conclude";
import { planRows, sayPlan } from "./labels.rows";
import { baseRefusal, pickRecipes, UNTUNED } from "./pick-recipes";
import type { LabelOutput } from "./text-classification";
import { embedRows, openTuning } from "./text-classification.based";
import { createComparison } from "./text-classification.comparison";
import { conclude } from "./text-classification.conclude";
import { exportTextModel } from "./text-classification.export";
import { openTextModel } from "./text-classification.predict";

const TASK = "text-classification";
/** Cheapest first. */
const RECIPES: readonly TextRecipe[] = [lexical, head, wide, lora, full];

export const engine = {
  recipes: RECIPES,
  train,
  open: openTextModel,
  exportTo: exportTextModel,
} satisfies Engine<string, string, LabelOutput>;

/** An adapter from elsewhere is read through as it is: what is fitted stands on it. */
function candidatesOf(order: TrainOrder, canTune: boolean): ReturnType<typeof pickRecipes<TextRecipe>> {
  if (!order.adapterDir || order.recipe !== "auto") return pickRecipes(order, RECIPES, canTune);
  if (order.base) return { recipes: [head, wide], skipped: null };
  throw baseRefusal(order, NO_BASE_FOR_ADAPTER);
}
async function readAdapter(dir: string, base: BaseFiles, run: Run): Promise<ServedAdapter> {
  const { replaced, ...adapter } = await importAdapter(dir, base);
  if (replaced.length > 0)
    run.log(
      "info",
      `The adapter's own head (${replaced.join(", ")}) is left out: the one fitted on the labelled rows replaces it`,
    );
  return adapter;
}
const NO_BASE_FOR_ADAPTER =
  "The pretrained base that the adapter belongs to is not installed here. Ask your provider to add it.";

async function train(order: TrainOrder, run: Run): Promise<LabelsResult> {
  const clock = createClock();
  run.stage("preprocess", "running");
  const backend = await openBackend({ threads: run.threads });
  const { recipes, skipped } = candidatesOf(order, backend.canTune);
  const plan = await planRows<string>(order, (text) => text);
  const { names } = plan;
  const { texts } = plan.rows;
  sayPlan(plan, run);
  run.stage("preprocess", "done");
  clock("preprocess");
  const tuned = recipes.filter(({ needs }) => needs.tuning);
  if (tuned.length === 0) run.stage("augment", "skipped", "these recipes learn from the rows as they are");

  const words = names.map(wordsOf);
  const base = skipped === null ? order.base : null;
  const adapter = base && order.adapterDir ? await readAdapter(order.adapterDir, base, run) : null;
  const embeddings = base && (await embedRows([...texts, ...words], base, run, adapter));
  if (skipped !== null) run.stage("base", "skipped", skipped);
  clock("base");

  run.stage("fine-tune", "running");
  if (order.recipe === "auto" && !backend.canTune) run.log("info", UNTUNED);
  const compared = createComparison(order, recipes, plan, run);
  const data = { texts, names: words, embeddings, tuning: null };
  const to = { task: TASK, adapter, seconds: clock.seconds };
  for (const recipe of compared.recipes.filter(({ needs }) => !needs.tuning))
    await compared.add(recipe, data);
  if (base && tuned.some((recipe) => compared.fits(recipe))) {
    if (compared.candidates.length > 0)
      run.provisional(
        await conclude(compared, plan, order, run, { ...to, dir: join(run.dir, "provisional") }),
      );
    const tuning = await openTuning([...texts, ...words], base, order, run);
    for (const recipe of tuned) await compared.add(recipe, { ...data, tuning });
    // The served model is fitted with the encoder too: it lives until the process ends with its one order.
  }
  run.stage("fine-tune", "done");
  clock("fine-tune");

  run.stage("evaluate", "running");
  const result = await conclude(compared, plan, order, run, { ...to, dir: run.dir });
  const { accuracy, macroF1 } = result.report.evaluation;
  run.progress("evaluate", 1, 1, { accuracy: accuracy.value, macro_f1: macroF1.value });
  run.stage("evaluate", "done");
  clock("evaluate");
  return { ...result, report: { ...result.report, seconds: clock.seconds } };
}
