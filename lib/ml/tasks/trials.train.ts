import { join } from "node:path";
import { openBackend } from "../backend";
import type { BaseFiles, Recipe, Run, TrainOrder, TrainResult } from "../task";
import { createClock } from "./clock";
import { pickRecipes, UNTUNED, withCompanions } from "./pick-recipes";
import { createTrials, type Trial, type TrialRows } from "./trials";
import { concludeTrials, type Ending } from "./trials.conclude";

/** A task whose recipes are compared by trials: what it does at each stage of a job. */
export interface TrialTask<OneRecipe extends Recipe, Plan extends { rows: TrialRows }, Data, Model, Judged> {
  /** Cheapest first; the first one needs no base and is the floor. */
  recipes: readonly [OneRecipe, ...OneRecipe[]];
  /** Reads the rows and decides which of them are measured on. Throws `TrainingError`. */
  plan(order: TrainOrder, run: Run): Promise<Plan>;
  /** What recipes are given; the base is null when none is asked for. */
  read(plan: Plan, base: BaseFiles | null, run: Run): Promise<Data>;
  /** The same with the base's gradients. */
  tune(data: Data, base: BaseFiles, order: TrainOrder, run: Run): Promise<Data>;
  trial(recipe: OneRecipe, data: Data, plan: Plan): Trial<Model, Judged>;
  ending(data: Data, plan: Plan, order: TrainOrder): Ending<Model, Judged>;
}

/** The whole of stages preprocess to evaluate. Throws `TrainingError`. */
export async function trainByTrials<
  OneRecipe extends Recipe,
  Plan extends { rows: TrialRows },
  Data,
  Model,
  Judged,
>(task: TrialTask<OneRecipe, Plan, Data, Model, Judged>, order: TrainOrder, run: Run): Promise<TrainResult> {
  const clock = createClock();
  run.stage("preprocess", "running");
  const backend = await openBackend({ threads: run.threads });
  const { recipes: asked, skipped } = pickRecipes(order, task.recipes, backend.canTune);
  const plan = await task.plan(order, run);
  const { train, test } = plan.rows;
  run.log("info", `${train.length} rows to train on, ${test.length} to measure on`);
  run.stage("preprocess", "done");
  run.stage("augment", "skipped", "these recipes learn from the rows as they are");
  clock("preprocess");
  const base = skipped === null ? order.base : null;
  if (skipped === null) run.stage("base", "running");
  else run.stage("base", "skipped", skipped);
  let data = await task.read(plan, base, run);
  if (skipped === null) run.stage("base", "done");
  clock("base");

  run.stage("fine-tune", "running");
  if (order.recipe === "auto" && !backend.canTune) run.log("info", UNTUNED);
  const { recipes: all, frozen: plainest } = withCompanions(task.recipes, asked);
  const { measure } = task.ending(data, plan, order);
  const trials = createTrials<Model, Judged>(all, plan.rows, measure, order, run);
  const conclude = (dir: string) => {
    const { candidates, leftOut } = trials;
    const [floor] = candidates;
    if (!floor) throw new Error("no recipe was compared");
    const wanted = candidates.filter(({ recipe }) => asked.some(({ id }) => id === recipe.id));
    const frozen = candidates.find(({ recipe }) => recipe === plainest) ?? null;
    const ending = task.ending(data, plan, order);
    return concludeTrials({ asked: wanted, floor, frozen, leftOut }, plan.rows, ending, order, run, {
      dir,
      seconds: clock.seconds,
    });
  };
  const add = (recipe: OneRecipe) => trials.add(recipe, () => task.trial(recipe, data, plan));
  for (const recipe of all.filter(({ needs }) => !needs.tuning)) await add(recipe);
  const tuned = all.filter(({ needs }) => needs.tuning);
  if (base && tuned.some(trials.fits)) {
    if (order.recipe === "auto") run.provisional(await conclude(join(run.dir, "provisional")));
    data = await task.tune(data, base, order, run);
    for (const recipe of tuned) await add(recipe);
  }
  run.stage("fine-tune", "done");
  clock("fine-tune");
  run.stage("evaluate", "running");
  const result = await conclude(run.dir);
  run.stage("evaluate", "done");
  clock("evaluate");
  return { ...result, report: { ...result.report, seconds: clock.seconds } };
}
