import { type Recipe, TrainingError, type TrainOrder } from "../task";

/** The reason and the command are the operator's to read: `missing` of the backend. */
export const UNTUNED = "Tuning is not available on this installation yet; your provider has been told.";

/** Why an order is refused that has no base and needs one. */
export function baseRefusal({ baseDamage }: TrainOrder, absent: string): TrainingError {
  return baseDamage === undefined
    ? new TrainingError("base_unavailable", absent, "model")
    : new TrainingError("base_damaged", baseDamage, "model");
}
const ABSENT =
  "The pretrained base is not installed here. Use the lexical recipe, or ask your provider to add it.";

/**
 * The recipes of an order among those of its task, and why the base is left out when it is. Throws what can be said
 * before anything is read.
 */
export function pickRecipes<R extends Recipe>(
  order: TrainOrder,
  known: readonly R[],
  canTune: boolean,
): { recipes: R[]; skipped: string | null } {
  if (order.recipe !== "auto") {
    const recipe = known.find((one) => one.id === order.recipe);
    if (!recipe)
      throw new TrainingError(
        "recipe_unsupported",
        `The recipe "${order.recipe}" is not known.`,
        "graft.recipe",
      );
    if (recipe.needs.base && !order.base) throw baseRefusal(order, ABSENT);
    if (recipe.needs.tuning && !canTune)
      throw new TrainingError("recipe_unsupported", UNTUNED, "graft.recipe");
    return { recipes: [recipe], skipped: recipe.needs.base ? null : `the ${recipe.id} recipe needs no base` };
  }
  if (order.base) return { recipes: known.filter(({ needs }) => canTune || !needs.tuning), skipped: null };
  // Nobody notices that a model is worse than it would be the day before.
  if (order.baseDamage !== undefined && known.some(({ needs }) => needs.base))
    throw baseRefusal(order, ABSENT);
  return {
    recipes: known.filter(({ needs }) => !needs.base),
    skipped: "no pretrained base is installed here",
  };
}

/**
 * What is compared, cheapest first: what was asked for, and what every model is reported beside. That is the floor, and
 * where the base is read the plainest recipe that takes it as it is. Those are not chosen unless they were asked for.
 * @param known recipes of the task, the floor first.
 */
export function withCompanions<R extends Recipe>(
  known: readonly [R, ...R[]],
  asked: readonly R[],
): { recipes: R[]; floor: R; frozen: R | null } {
  const [floor] = known;
  const readsBase = asked.some(({ needs }) => needs.base);
  const frozen = (readsBase && known.find(({ needs }) => needs.base && !needs.tuning)) || null;
  const recipes = new Set([floor, ...(frozen ? [frozen] : []), ...asked]);
  return { recipes: [...recipes], floor, frozen };
}
