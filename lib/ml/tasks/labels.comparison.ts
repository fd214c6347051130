import type { LabelRecipe, PreparedLabels } from "../recipes/label-recipe";
import type { Profile, Recipe, Run, TrainOrder } from "../task";
import { createBudget } from "./budget";
import type { Choice } from "./choose-recipe";
import { type Candidate, crossValidate } from "./labels.compare";
import type { Plan } from "./labels.rows";
import { withCompanions } from "./pick-recipes";

/** Whole fits of one recipe in a training beside its folds: its own choices, scope, the measured and the served one. */
const FITS = 4;
/** Of a recipe's usual fit; slower ones have three folds instead of five. */
const SLOW_FIT_SECONDS = 60;
const foldsFor = (seconds: number) => (seconds > SLOW_FIT_SECONDS ? 3 : 5);

/** Fits of a recipe in a training that compares it, each as long as the first: its folds, and the whole ones after them. */
export const fitsInAll = (seconds: number): number => FITS + foldsFor(seconds) - 1;

export function secondsInAll(recipe: Recipe, profile: Profile): number {
  const { seconds } = recipe.estimate(profile);
  return seconds * fitsInAll(seconds);
}

interface Comparing<R extends LabelRecipe, Prepared extends PreparedLabels> {
  /** Recipes of the task, the floor first. */
  known: readonly [R, ...R[]];
  profile: Profile;
  choose(candidates: readonly Candidate<R, Prepared>[]): Choice<Candidate<R, Prepared>>;
  /** Hears of a recipe when its folds are over. */
  onCompared?(prepared: Prepared): void;
}

/** Compares recipes out of fold, one after the other, within the budget of the order. */
export function compareLabels<Data, Prepared extends PreparedLabels, R extends LabelRecipe<Data, Prepared>>(
  order: TrainOrder,
  asked: readonly R[],
  plan: Plan,
  run: Run,
  { known, profile, choose, onCompared }: Comparing<R, Prepared>,
) {
  const { recipes, floor: cheapest, frozen: plainest } = withCompanions(known, asked);
  const candidates: Candidate<R, Prepared>[] = [];
  let floor: Candidate<R, Prepared> | undefined;
  let frozen: Candidate<R, Prepared> | null = null;
  const budget = createBudget(order, run, cheapest, (recipe) => secondsInAll(recipe, profile));
  const isAuto = order.recipe === "auto";
  // All have the folds of the slowest: with fewer rows to learn from one would be compared unfairly.
  const sure = recipes.filter((recipe) => budget.fitsWhole(recipe) && !(isAuto && recipe.after));
  const folds = Math.min(...sure.map((recipe) => foldsFor(recipe.estimate(profile).seconds)));
  /** Which recipe is ahead of the one that this one goes further than; null when it may be worth its time. */
  const aheadOf = ({ after }: R): string | null => {
    if (!after || !isAuto || candidates.length === 0) return null;
    const { chosen } = choose(candidates);
    return chosen.recipe.id === after ? null : chosen.recipe.id;
  };

  async function add(recipe: R, data: Data): Promise<void> {
    const { id } = recipe;
    if (!budget.fits(recipe)) return budget.leaveOut(recipe);
    const ahead = aheadOf(recipe);
    if (ahead) {
      run.log(
        "info",
        `${id} was not tried: it goes further than ${recipe.after}, and ${ahead} is ahead of that`,
      );
      return;
    }
    const place = recipes.indexOf(recipe);
    const prepared = await recipe.prepare(data);
    const onProgress = (share: number, metrics?: Record<string, number>) =>
      run.progress("fine-tune", place + share, recipes.length, metrics);
    const candidate = await budget.orLeftOut(
      recipe,
      crossValidate(recipe, prepared, plan, order.seed, run, onProgress, folds),
    );
    if (!candidate) return;
    const accuracy = candidate.accuracy.value;
    run.progress("fine-tune", place + 1, recipes.length, { [`${id}_accuracy`]: accuracy });
    run.log("info", `${id}: ${(accuracy * 100).toFixed(1)} % right out of fold`, {
      recipe: id,
      accuracy,
      seconds: candidate.seconds,
      ...prepared.effective(),
    });
    onCompared?.(prepared);
    floor ??= candidate;
    if (recipe === plainest) frozen = candidate;
    if (asked.includes(recipe)) candidates.push(candidate);
  }
  return {
    recipes,
    candidates,
    leftOut: budget.leftOut,
    fits: budget.fits,
    add,
    get floor(): Candidate<R, Prepared> {
      if (!floor) throw new Error("no recipe was compared");
      return floor;
    },
    get frozen(): Candidate<R, Prepared> | null {
      return frozen;
    },
  };
}
