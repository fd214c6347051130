import type { Estimate } from "../evaluation";

/** What a choice goes by: whole differences over the same rows, of which `error` is the standard error. */
export type Difference<C> = (one: C, other: C) => Estimate & { error: number };

/**
 * What a cheaper recipe may be worse by. With few rows a standard error is several points, and to give those away would
 * be to order the cheap recipe whatever the rows say.
 */
const CHEAPER_IS_WORTH = 0.005;

export interface Choice<C> {
  chosen: C;
  /** For the customer; the portal knows these sentences in other languages. */
  sentence: string;
  /** Chosen minus the one that it was preferred to; null with one candidate. */
  difference: Estimate | null;
}

/**
 * The best candidate, or the cheapest that is within one standard error and half a point of it. Throws when there is none.
 * @param candidates cheapest first, each with its score on rows that it had not seen.
 * @param lead by how much one is expected to be better than another on other rows, where more is known than these.
 */
export function chooseRecipe<C extends { recipe: { id: string } }>(
  candidates: readonly C[],
  difference: Difference<C>,
  lead: (one: C, other: C) => number = (one, other) => difference(one, other).value,
): Choice<C> {
  const [first] = candidates;
  if (!first) throw new Error("there is nothing to choose from");
  const best = candidates.reduce((a, b) => (lead(b, a) > 0 ? b : a));
  const isAsGood = (one: C) =>
    one === best || lead(best, one) <= Math.min(difference(best, one).error, CHEAPER_IS_WORTH);
  const chosen = candidates.find(isAsGood) ?? best;
  // Beside the one that it was preferred to: the best when that is another, else the next best.
  const others = candidates.filter((one) => one !== chosen);
  const [next] = others.toSorted((a, b) => difference(b, a).value);
  const other = chosen === best ? next : best;
  if (!other) return { chosen, sentence: `Only ${chosen.recipe.id} was asked for.`, difference: null };
  const { error: _, ...found } = difference(chosen, other);
  const isCheaper = candidates.indexOf(chosen) < candidates.indexOf(other);
  const [winner, loser] = [chosen.recipe.id, other.recipe.id];
  return { chosen, sentence: sentenceOf(winner, loser, found.value, isCheaper), difference: found };
}

function sentenceOf(winner: string, loser: string, difference: number, isCheaper: boolean): string {
  const points = (Math.abs(difference) * 100).toFixed(1);
  if (difference > 0)
    return `${winner} was chosen because it is ${points} points better than ${loser} on rows that neither had seen.`;
  return isCheaper
    ? `${winner} was chosen because it is cheaper: the ${points} points between it and ${loser} are within one standard error.`
    : `${winner} was chosen because it does better on other datasets: with so few rows, the ${points} points by which ${loser} was ahead here tell nothing.`;
}
