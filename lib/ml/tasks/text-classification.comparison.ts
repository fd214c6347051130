import { lexical } from "../recipes/lexical";
import type { AugmentationEffect, TextData, TextRecipe } from "../recipes/text-recipe";
import type { Run, TrainOrder } from "../task";
import { createBudget } from "./budget";
import { choose, isForeignScript } from "./text-classification.choose";
import { type Candidate, crossValidate } from "./text-classification.compare";
import type { Plan } from "./text-classification.rows";

/** Whole fits of one recipe in a training beside its folds: its own choices, scope, the measured and the served one. */
const FITS = 4;
/** Of a recipe's usual fit; slower ones have three folds instead of five. */
const SLOW_FIT_SECONDS = 60;

/**
 * Compares recipes out of fold, one after the other, within the budget of the order. The lexical one always takes
 * part, as the floor, but is a candidate only when it was asked for.
 */
export function createComparison(order: TrainOrder, asked: readonly TextRecipe[], plan: Plan, run: Run) {
  const recipes = asked.includes(lexical) ? asked : [lexical, ...asked];
  const profile = profileOf(plan);
  const candidates: Candidate[] = [];
  let floor: Candidate | undefined;
  const fitSeconds = (recipe: TextRecipe) => recipe.estimate(profile).seconds;
  const foldsFor = (recipe: TextRecipe) => (fitSeconds(recipe) > SLOW_FIT_SECONDS ? 3 : 5);
  const budget = createBudget(
    order,
    run,
    lexical,
    (recipe) => fitSeconds(recipe) * (FITS + foldsFor(recipe) - 1),
  );
  const isAuto = order.recipe === "auto";
  // All have the folds of the slowest: with fewer rows to learn from one would be compared unfairly.
  const sure = recipes.filter((recipe) => budget.fits(recipe) && !(isAuto && recipe.after));
  const folds = Math.min(...sure.map(foldsFor));
  /** Which recipe is ahead of the one that this one goes further than; null when it may be worth its time. */
  const aheadOf = ({ after }: TextRecipe): string | null => {
    if (!after || !isAuto || candidates.length === 0) return null;
    const { chosen } = choose(candidates, isForeignScript(plan.rows.texts));
    return chosen.recipe.id === after ? null : chosen.recipe.id;
  };

  async function add(recipe: TextRecipe, data: TextData): Promise<void> {
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
    const onProgress = (share: number) => run.progress("fine-tune", place + share, recipes.length);
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
    const effect = prepared.augmentation?.();
    if (effect) sayAugmentation(effect, run);
    floor ??= candidate;
    if (asked.includes(recipe)) candidates.push(candidate);
  }
  return {
    recipes,
    candidates,
    leftOut: budget.leftOut,
    fits: budget.fits,
    add,
    get floor(): Candidate {
      if (!floor) throw new Error("no recipe was compared");
      return floor;
    },
  };
}

/** What is done to the words, with the share of them in percent. */
const CHANGES = {
  drop: (percent: number) => `${percent} % of the words are left out, others each time`,
  swap: (percent: number) => `${percent} % of the words change places with the next one, others each time`,
  synonym: (percent: number) => `${percent} % of the words give way to a word like them, others each time`,
};

function sayAugmentation({ kind, share, measured }: AugmentationEffect, run: Run): void {
  const percent = (of: number) => (of * 100).toFixed(1);
  const figures = measured
    ? `${percent(measured.with)} % right with it, ${percent(measured.without)} % without, on ${measured.rows} held-out rows`
    : "";
  if (kind === "none") run.stage("augment", "skipped", `changing words did not help: ${figures}`);
  else {
    const change = CHANGES[kind](Math.round(share * 100));
    run.stage("augment", "done", figures ? `${change}: ${figures}` : change);
  }
}

function profileOf(plan: Plan) {
  const rows = plan.rows.texts.length;
  const characters = plan.rows.texts.reduce((sum, text) => sum + Math.min(text.length, 4000), 0);
  // English has about four characters a word piece; languages without spaces have one or two.
  return { rows, classes: plan.names.length, meanTokens: characters / 4 / Math.max(1, rows) };
}
