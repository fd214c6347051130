import type { ModelReport } from "../contract";
import type { LinearRecipe, ReadTexts } from "../recipes/linear-text";
import { scoreOf } from "../report/resample";
import type { Run, TrainOrder } from "../task";
import { type Candidate, crossValidate } from "./linear-text.candidate";
import type { LinearPlan } from "./linear-text.rows";

/** Of a recipe's usual fit; slower ones have three folds instead of five. */
const SLOW_FIT_SECONDS = 60;
/** Whole fits beside the folds: choosing the strength, the measured and the served model. */
const OTHER_FITS = 4;

export interface Compared<Settings> {
  /** Those that were asked for, cheapest first. */
  candidates: Candidate<Settings>[];
  /** The first recipe of the task, asked for or not. */
  floor: Candidate<Settings>;
  leftOut: ModelReport["leftOut"];
}

/** Recipes out of fold, one after the other, within the budget of the order; `floor` always takes part. */
export async function compareLinear<Settings>(
  asked: readonly LinearRecipe[],
  floor: LinearRecipe,
  read: readonly ReadTexts[],
  plan: LinearPlan<Settings>,
  order: TrainOrder,
  run: Run,
): Promise<Compared<Settings>> {
  const recipes = asked.includes(floor) ? asked : [floor, ...asked];
  const deadline = performance.now() + order.budgetMinutes * 60_000;
  const { judge } = plan;
  const fitSeconds = (recipe: LinearRecipe) => recipe.estimate(profileOf(plan)).seconds;
  const k = Math.max(...recipes.map(fitSeconds)) > SLOW_FIT_SECONDS ? 3 : 5;
  const found: Candidate<Settings>[] = [];
  const leftOut: ModelReport["leftOut"] = [];
  for (const [place, recipe] of recipes.entries()) {
    const seconds = Math.round(fitSeconds(recipe) * (k + OTHER_FITS));
    if (order.recipe === "auto" && recipe !== floor && performance.now() + seconds * 1000 > deadline) {
      const minutes = Math.ceil(seconds / 60);
      run.log(
        "warn",
        `${recipe.id} was left out: it would take about ${minutes} minutes, more than is left of the budget of ${order.budgetMinutes}`,
      );
      leftOut.push({ recipe: recipe.id, seconds });
      continue;
    }
    const onProgress = (share: number) => run.progress("fine-tune", place + share, recipes.length);
    const candidate = await crossValidate(recipe, read, plan, k, order, run, onProgress);
    found.push(candidate);
    const value = scoreOf(candidate.sums, judge.score);
    run.progress("fine-tune", place + 1, recipes.length, { [`${recipe.id}_${judge.metric}`]: value });
    run.log("info", `${recipe.id}: ${judge.metric} ${value.toFixed(3)} out of fold`, {
      recipe: recipe.id,
      [judge.metric]: value,
      seconds: candidate.seconds,
      ...candidate.prepared.effective(),
    });
  }
  const [first] = found;
  if (!first) throw new Error("no recipe was compared");
  return { candidates: found.filter(({ recipe }) => asked.includes(recipe)), floor: first, leftOut };
}

function profileOf({ judge, train, whole }: LinearPlan<unknown>) {
  const characters = whole.reduce((sum, text) => sum + Math.min(text.length, 4000), 0);
  return {
    rows: train.length,
    classes: judge.objective.outputs,
    meanTokens: characters / 4 / Math.max(1, whole.length),
  };
}
