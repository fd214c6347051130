import type { Estimate } from "../evaluation";

/** What a choice goes by: whole differences over the same rows, of which `error` is the standard error. */
export type Difference<C> = (one: C, other: C) => Estimate & { error: number };

export interface Choice<C> {
  chosen: C;
  /** For the customer; the portal knows these sentences in other languages. */
  sentence: string;
  /** Chosen minus the one that it was preferred to; null with one candidate. */
  difference: Estimate | null;
}

/**
 * The best candidate, or the cheapest that is within one standard error of it. Throws when there is none.
 * @param candidates cheapest first, each with its score on rows that it had not seen.
 * @param headStart what a candidate's score counts more, for what is known of it from elsewhere.
 */
export function chooseRecipe<C extends { recipe: { id: string } }>(
  candidates: readonly C[],
  difference: Difference<C>,
  headStart: (one: C) => number = () => 0,
): Choice<C> {
  const [first] = candidates;
  if (!first) throw new Error("there is nothing to choose from");
  const lead = (one: C, other: C) => difference(one, other).value + headStart(one) - headStart(other);
  const best = candidates.reduce((a, b) => (lead(b, a) > 0 ? b : a));
  const chosen =
    candidates.find((one) => one === best || lead(best, one) <= difference(best, one).error) ?? best;
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
