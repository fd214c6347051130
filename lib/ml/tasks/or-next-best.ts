import type { Run, TrainOrder } from "../task";
import { DivergedError } from "../train/diverged";
import type { Choice } from "./choose-recipe";

/**
 * Concludes with the candidate that is chosen. Under `auto` one whose fit does not settle on rows that its folds had
 * not gives way to the best of the others; who asked for a recipe by name gets that one or the reason.
 */
export async function orNextBest<C extends { recipe: { id: string } }, T>(
  candidates: readonly C[],
  order: Pick<TrainOrder, "recipe">,
  run: Pick<Run, "log">,
  choose: (candidates: readonly C[]) => Choice<C>,
  conclude: (choice: Choice<C>) => Promise<T>,
): Promise<T> {
  const dropped: string[] = [];
  const next = async (left: readonly C[]): Promise<T> => {
    const choice = instead(choose(left), dropped);
    run.log("info", choice.sentence);
    try {
      return await conclude(choice);
    } catch (error) {
      const others = left.filter((one) => one !== choice.chosen);
      if (!(error instanceof DivergedError) || order.recipe !== "auto" || others.length === 0) throw error;
      const { id } = choice.chosen.recipe;
      run.log("warn", `${id} was dropped: its last fit does not settle on these rows`);
      dropped.push(id);
      return next(others);
    }
  };
  return next(candidates);
}

/** Of a choice among what is left, why it is not the one of the comparison. */
function instead<C extends { recipe: { id: string } }>(
  choice: Choice<C>,
  dropped: readonly string[],
): Choice<C> {
  if (dropped.length === 0) return choice;
  const sentence = `${choice.chosen.recipe.id} was chosen because the last fit of ${dropped.join(" and ")} does not settle on these rows.`;
  return { ...choice, sentence, difference: null };
}
