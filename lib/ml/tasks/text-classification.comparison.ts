import type { ModelReport } from "../contract";
import { lexical } from "../recipes/lexical";
import type { AugmentationEffect, TextData, TextRecipe } from "../recipes/text-recipe";
import type { Run, TrainOrder } from "../task";
import { DivergedError } from "../train/loop";
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
  const deadline = performance.now() + order.budgetMinutes * 60_000;
  const profile = profileOf(plan);
  const candidates: Candidate[] = [];
  const leftOut: ModelReport["leftOut"] = [];
  let floor: Candidate | undefined;
  const fitSeconds = (recipe: TextRecipe) => recipe.estimate(profile).seconds;
  const foldsFor = (recipe: TextRecipe) => (fitSeconds(recipe) > SLOW_FIT_SECONDS ? 3 : 5);
  const secondsOf = (recipe: TextRecipe) => Math.round(fitSeconds(recipe) * (FITS + foldsFor(recipe) - 1));
  /** What was asked for by name is trained whatever it takes: the budget chooses between recipes. */
  const fits = (recipe: TextRecipe) =>
    order.recipe !== "auto" || recipe === lexical || performance.now() + secondsOf(recipe) * 1000 <= deadline;
  const isAuto = order.recipe === "auto";
  // All have the folds of the slowest: with fewer rows to learn from one would be compared unfairly.
  const sure = recipes.filter((recipe) => fits(recipe) && !(isAuto && recipe.after));
  const folds = Math.min(...sure.map(foldsFor));
  /** Which recipe is ahead of the one that this one goes further than; null when it may be worth its time. */
  const aheadOf = ({ after }: TextRecipe): string | null => {
    if (!after || !isAuto || candidates.length === 0) return null;
    const { chosen } = choose(candidates, isForeignScript(plan.rows.texts));
    return chosen.recipe.id === after ? null : chosen.recipe.id;
  };

  async function add(recipe: TextRecipe, data: TextData): Promise<void> {
    const { id } = recipe;
    if (!fits(recipe)) {
      const seconds = secondsOf(recipe);
      run.log("warn", `${id} was left out: ${tooDear(seconds, order.budgetMinutes)}`);
      leftOut.push({ recipe: id, seconds });
      return;
    }
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
    const candidate = await crossValidate(recipe, prepared, plan, order.seed, run, onProgress, folds).catch(
      (error: unknown) => {
        if (!(error instanceof DivergedError) || candidates.length === 0) throw error;
        run.log("warn", `${id} was left out: it does not settle on these rows`);
        return null;
      },
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
    leftOut,
    fits,
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

const tooDear = (seconds: number, minutes: number) =>
  `it would take about ${Math.ceil(seconds / 60)} minutes, more than is left of the budget of ${minutes}`;
