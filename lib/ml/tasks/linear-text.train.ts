import { openBackend } from "../backend";
import { figuresOf } from "../evaluation";
import type { Run, TrainOrder, TrainResult } from "../task";
import { createClock } from "./clock";
import type { LinearTask } from "./linear-text";
import { compareLinear } from "./linear-text.compare";
import { concludeLinear } from "./linear-text.conclude";
import { planLinear, readTexts } from "./linear-text.rows";
import { pickRecipes } from "./pick-recipes";

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
  const compared = await compareLinear(recipes, task.recipes[0], read, plan, order, run);
  run.stage("fine-tune", "done");
  clock("fine-tune");

  run.stage("evaluate", "running");
  const facts = { task: task.id, backend: backend.label, seconds: clock.seconds };
  const result = await concludeLinear(compared, plan, order, run, facts);
  const figures = figuresOf(result.report.evaluation).map(([metric, { value }]) => [metric, value]);
  run.progress("evaluate", 1, 1, Object.fromEntries(figures));
  run.stage("evaluate", "done");
  clock("evaluate");
  return { ...result, report: { ...result.report, seconds: clock.seconds } };
}
