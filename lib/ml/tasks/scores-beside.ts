import type { ModelReport } from "../contract";
import { type Evaluation, figuresOf } from "../evaluation";

/** What every model is reported beside, on the rows of its own `evaluation`: the floor, and the frozen base where it is read. */
export async function scoresBeside<C extends { recipe: { id: string } }>(
  chosen: C,
  evaluation: Evaluation,
  { floor, frozen }: { floor: C; frozen: C | null },
  evaluate: (one: C) => Promise<Evaluation>,
): Promise<Pick<ModelReport, "floor" | "frozen">> {
  const scoresOf = async (one: C) =>
    Object.fromEntries(figuresOf(one === chosen ? evaluation : await evaluate(one)));
  return {
    floor: { scores: await scoresOf(floor) },
    ...(frozen && { frozen: { recipe: frozen.recipe.id, scores: await scoresOf(frozen) } }),
  };
}
