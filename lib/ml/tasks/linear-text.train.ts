import { join } from "node:path";
import { openBackend } from "../backend";
import { openTokenizer } from "../base/tokenizer";
import { figuresOf } from "../evaluation";
import type { Run, TrainOrder, TrainResult } from "../task";
import { createClock } from "./clock";
import type { LinearTask } from "./linear-text";
import { type Compared, compareLinear } from "./linear-text.compare";
import { concludeLinear } from "./linear-text.conclude";
import { planLinear, readTexts } from "./linear-text.rows";
import { pickRecipes, UNTUNED } from "./pick-recipes";
import { knownBase, openTuning } from "./trials.based";

/** The whole of a training for a task that is linear in its texts. Throws `TrainingError`. */
export async function trainLinear<Input, Target, Output, Settings>(
  task: LinearTask<Input, Target, Output, Settings>,
  order: TrainOrder,
  run: Run,
): Promise<TrainResult> {
  const clock = createClock();
  run.stage("preprocess", "running");
  const backend = await openBackend({ threads: run.threads });
  const { recipes, skipped } = pickRecipes(order, task.recipes, backend.canTune);
  const plan = await planLinear(task, order, run);
  run.log("info", `${plan.train.length} rows to train on, ${plan.test.length} to measure on`);
  run.stage("preprocess", "done");
  clock("preprocess");
  run.stage("augment", "skipped", "these recipes learn from the rows as they are");
  const read = await readTexts(plan.texts, skipped === null ? order.base : null, run);
  if (skipped !== null) run.stage("base", "skipped", skipped);
  clock("base");

  run.stage("fine-tune", "running");
  if (order.recipe === "auto" && !backend.canTune) run.log("info", UNTUNED);
  const facts = { task: task.id, backend: backend.label, seconds: clock.seconds };
  const conclude = (compared: Compared<Settings>, dir: string) =>
    concludeLinear(compared, plan, order, { ...run, dir }, facts);
  const compared = await compareLinear(recipes, task.recipes, read, plan, order, run, async (soFar) => {
    if (soFar.candidates.length > 0) run.provisional(await conclude(soFar, join(run.dir, "provisional")));
    if (!order.base) throw new Error("a recipe that tunes was asked for without a base");
    const tokenize = await openTokenizer(order.base.dir, knownBase(order.base.id).maxTokens);
    const sequences = plan.texts.map((own) => own.map((text) => tokenize(text).ids));
    return { ...(await openTuning(order.base, order, run)), sequences };
  });
  run.stage("fine-tune", "done");
  clock("fine-tune");

  run.stage("evaluate", "running");
  const result = await conclude(compared, run.dir);
  const figures = figuresOf(result.report.evaluation).map(([metric, { value }]) => [metric, value]);
  run.progress("evaluate", 1, 1, Object.fromEntries(figures));
  run.stage("evaluate", "done");
  clock("evaluate");
  return { ...result, report: { ...result.report, seconds: clock.seconds } };
}
