import type { ModelReport } from "../contract";
import { type LinearRecipe, prepareLinear, type ReadTexts } from "../recipes/linear-text";
import { type LinearTuning, prepareTunedLinear } from "../recipes/tuned-linear";
import { scoreOf } from "../report/resample";
import type { Run, TrainOrder } from "../task";
import { createBudget } from "./budget";
import { type Candidate, crossValidate } from "./linear-text.candidate";
import type { LinearPlan } from "./linear-text.rows";
import { orderedEffort } from "./ordered-effort";
import { withCompanions } from "./pick-recipes";

/** Of a recipe's usual fit; slower ones have three folds instead of five. */
const SLOW_FIT_SECONDS = 60;
/** Whole fits beside the folds: choosing the strength, the measured and the served model. */
const OTHER_FITS = 4;

export interface Compared<Settings> {
  /** Those that were asked for, cheapest first. */
  candidates: Candidate<Settings>[];
  /** The first recipe of the task, asked for or not. */
  floor: Candidate<Settings>;
  /** The plainest one on the base as it is, asked for or not; null where the base is not read. */
  frozen: Candidate<Settings> | null;
  leftOut: ModelReport["leftOut"];
}

/**
 * Recipes out of fold, one after the other, within the budget of the order. Those that tune
 * come last: `beforeTuning` has what was compared until then, and opens the base with its gradients.
 */
export async function compareLinear<Settings>(
  asked: readonly LinearRecipe[],
  known: readonly [LinearRecipe, ...LinearRecipe[]],
  read: readonly ReadTexts[],
  plan: LinearPlan<Settings>,
  order: TrainOrder,
  run: Run,
  beforeTuning: (compared: Compared<Settings>) => Promise<LinearTuning>,
): Promise<Compared<Settings>> {
  const { recipes, floor, frozen } = withCompanions(known, asked);
  const { judge } = plan;
  const profile = { ...profileOf(plan), ...orderedEffort(order) };
  const fitSeconds = (recipe: LinearRecipe) => recipe.estimate(profile).seconds;
  const foldsFor = (recipe: LinearRecipe) => (fitSeconds(recipe) > SLOW_FIT_SECONDS ? 3 : 5);
  const budget = createBudget(
    order,
    run,
    floor,
    (recipe) => fitSeconds(recipe) * (foldsFor(recipe) + OTHER_FITS),
  );
  // All have the folds of the slowest: with fewer rows to learn from one would be compared unfairly.
  const k = Math.min(...recipes.filter(budget.fitsWhole).map(foldsFor));
  const found: Candidate<Settings>[] = [];
  const soFar = (): Compared<Settings> => {
    const [first] = found;
    if (!first) throw new Error("no recipe was compared");
    const { leftOut } = budget;
    return {
      candidates: found.filter(({ recipe }) => asked.includes(recipe)),
      floor: first,
      frozen: found.find(({ recipe }) => recipe === frozen) ?? null,
      leftOut,
    };
  };
  let tuning: LinearTuning | undefined;
  for (const [place, recipe] of recipes.entries()) {
    if (!budget.fits(recipe)) {
      await budget.leaveOut(recipe);
      continue;
    }
    const onProgress = (share: number) => run.progress("fine-tune", place + share, recipes.length);
    if (recipe.needs.tuning) tuning ??= await beforeTuning(soFar());
    const prepared =
      recipe.needs.tuning && tuning
        ? prepareTunedLinear(recipe, read, judge.objective, tuning)
        : prepareLinear(recipe, read, judge.objective);
    const candidate = await budget.orLeftOut(
      recipe,
      crossValidate(recipe, prepared, plan, k, order, run, onProgress),
    );
    if (!candidate) continue;
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
  return soFar();
}

function profileOf({ judge, train, whole }: LinearPlan<unknown>) {
  const characters = whole.reduce((sum, text) => sum + Math.min(text.length, 4000), 0);
  return {
    rows: train.length,
    classes: judge.objective.outputs,
    meanTokens: characters / 4 / Math.max(1, whole.length),
  };
}
