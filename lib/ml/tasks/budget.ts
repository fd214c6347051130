import type { ModelReport } from "../contract";
import { type Recipe, type Run, TrainingError, type TrainOrder } from "../task";
import { DivergedError } from "../train/diverged";

/**
 * Which recipes a training has time for. What was asked for by name is trained whatever it takes, and the floor always
 * takes part: the budget chooses between the others.
 * @param secondsOf what a recipe takes in all, its folds and the fits after them.
 */
export function createBudget<OneRecipe extends Recipe>(
  order: TrainOrder,
  run: Run,
  floor: OneRecipe,
  secondsOf: (recipe: OneRecipe) => number,
) {
  const deadline = performance.now() + order.budgetMinutes * 60_000;
  const isAuto = order.recipe === "auto";
  const leftOut: NonNullable<ModelReport["leftOut"]> = [];
  return {
    leftOut,
    fits: (recipe: OneRecipe) =>
      !isAuto || recipe === floor || performance.now() + secondsOf(recipe) * 1000 <= deadline,
    leaveOut(recipe: OneRecipe): void {
      const seconds = Math.round(secondsOf(recipe));
      const minutes = Math.ceil(seconds / 60);
      run.log(
        "warn",
        `${recipe.id} was left out: it would take about ${minutes} minutes, more than is left of the budget of ${order.budgetMinutes}`,
      );
      leftOut.push({ recipe: recipe.id, seconds });
    },
    /** Null where a recipe's loss is no number on these rows, and others are there instead. */
    orLeftOut: <T>(recipe: OneRecipe, attempt: Promise<T>): Promise<T | null> =>
      attempt.catch((error: unknown) => {
        if (!(error instanceof DivergedError)) throw error;
        if (!isAuto) throw refusalOf(order) ?? error;
        run.log("warn", `${recipe.id} was left out: it does not settle on these rows`);
        return null;
      }),
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
