import type { ModelReport } from "../contract";
import { type Recipe, type Run, TrainingError, type TrainOrder } from "../task";
import { DivergedError } from "../train/diverged";
import { openBudgetState } from "./budget-state";

/** What a killed attempt spent after its last note is not counted. */
const NOTE_MS = 10_000;

/**
 * Which recipes a training has time for, all attempts of its job together. What was asked for by name is trained
 * whatever it takes, and the floor always takes part: the budget chooses between the others.
 * @param secondsOf what a recipe takes in all, its folds and the fits after them.
 */
export function createBudget<OneRecipe extends Recipe>(
  order: TrainOrder,
  run: Run,
  floor: OneRecipe,
  secondsOf: (recipe: OneRecipe) => number,
) {
  const state = order.recipe === "auto" ? openBudgetState(order, run) : null;
  const leftOut: NonNullable<ModelReport["leftOut"]> = [];
  const fitsAfter = (recipe: OneRecipe, spent: number) =>
    !state || recipe === floor || spent + secondsOf(recipe) <= order.budgetMinutes * 60;
  return {
    leftOut,
    /** Whether it would fit if nothing had been spent: the same in every attempt. */
    fitsWhole: (recipe: OneRecipe) => fitsAfter(recipe, 0),
    /** Whether it fits into what is left, or as an earlier attempt decided. */
    fits: (recipe: OneRecipe) => state?.takesPart(recipe.id) ?? fitsAfter(recipe, state?.spentSeconds() ?? 0),
    async leaveOut(recipe: OneRecipe): Promise<void> {
      const seconds = Math.round(secondsOf(recipe));
      const minutes = Math.ceil(seconds / 60);
      run.log(
        "warn",
        `${recipe.id} was left out: it would take about ${minutes} minutes, more than is left of the budget of ${order.budgetMinutes}`,
      );
      leftOut.push({ recipe: recipe.id, seconds });
      await state?.decide(recipe.id, false);
    },
    /** Null where a recipe's loss is no number on these rows, and others are there instead. */
    async orLeftOut<T>(recipe: OneRecipe, attempt: Promise<T>): Promise<T | null> {
      const notes = setInterval(() => void state?.save(), NOTE_MS);
      try {
        const [result] = await Promise.all([attempt, state?.decide(recipe.id, true)]);
        return result;
      } catch (error) {
        if (!(error instanceof DivergedError)) throw error;
        if (!state) throw refusalOf(order) ?? error;
        run.log("warn", `${recipe.id} was left out: it does not settle on these rows`);
        return null;
      } finally {
        clearInterval(notes);
      }
    },
  };
}

/** Where the order itself set how fast is learnt, that is what to change. */
function refusalOf({ hyperparameters = {} }: TrainOrder): TrainingError | null {
  const { learningRateMultiplier, lora } = hyperparameters;
  const refusal = (name: string, param: string) =>
    new TrainingError(
      "invalid_request",
      `The training does not settle with the ordered \`${name}\`, nor at a quarter of the learning rate. Order a lower one.`,
      param,
    );
  if (learningRateMultiplier !== undefined)
    return refusal("learning_rate_multiplier", "hyperparameters.learning_rate_multiplier");
  return lora?.alpha === undefined ? null : refusal("alpha", "graft.lora.alpha");
}
