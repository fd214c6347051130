import type { ModelReport } from "../contract";
import { lexical } from "../recipes/lexical";
import type { TextData, TextRecipe } from "../recipes/text-recipe";
import type { Run, TrainOrder } from "../task";
import { DivergedError } from "../train/loop";
import { type Candidate, crossValidate, SLOW_FOLD_SECONDS } from "./text-classification.compare";
import type { Plan } from "./text-classification.rows";

/** Fits of one recipe in a training: its own choices, five folds of 80 %, scope, the measured and the served one. */
const FITS = 8;

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
  const secondsOf = (recipe: TextRecipe) => Math.round(recipe.estimate(profile).seconds * FITS);
  /** What was asked for by name is trained whatever it takes: the budget chooses between recipes. */
  const fits = (recipe: TextRecipe) =>
    order.recipe !== "auto" || recipe === lexical || performance.now() + secondsOf(recipe) * 1000 <= deadline;

  async function add(recipe: TextRecipe, data: TextData): Promise<void> {
    const { id } = recipe;
    if (!fits(recipe)) {
      const seconds = secondsOf(recipe);
      run.log("warn", `${id} was left out: ${tooDear(seconds, order.budgetMinutes)}`);
      leftOut.push({ recipe: id, seconds });
      return;
    }
    const place = recipes.indexOf(recipe);
    const prepared = await recipe.prepare(data);
    const folds = recipe.estimate(profile).seconds > SLOW_FOLD_SECONDS ? 3 : 5;
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
    if (recipe.needs.tuning) sayAugmentation(prepared.effective(), run);
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

function sayAugmentation({ drop }: Record<string, unknown>, run: Run): void {
  if (typeof drop !== "number" || drop === 0)
    run.stage("augment", "skipped", "leaving words out did not help on held-out rows");
  else
    run.stage("augment", "done", `${Math.round(drop * 100)} % of the words are left out, others each time`);
}

function profileOf(plan: Plan) {
  const rows = plan.rows.texts.length;
  const characters = plan.rows.texts.reduce((sum, text) => sum + Math.min(text.length, 4000), 0);
  // English has about four characters a word piece; languages without spaces have one or two.
  return { rows, classes: plan.names.length, meanTokens: characters / 4 / Math.max(1, rows) };
}

const tooDear = (seconds: number, minutes: number) =>
  `it would take about ${Math.ceil(seconds / 60)} minutes, more than is left of the budget of ${minutes}`;
