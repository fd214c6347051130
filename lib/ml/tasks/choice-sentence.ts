/** Why one recipe was preferred to another, for the customer; the portal knows these sentences in other languages. */
export function choiceSentence(
  winner: string,
  loser: string,
  /** Winner minus loser, as a share. */
  difference: number,
  isCheaper: boolean,
): string {
  const points = (Math.abs(difference) * 100).toFixed(1);
  return isCheaper
    ? `${winner} was chosen because it is cheaper: the ${points} points between it and ${loser} are within one standard error.`
    : `${winner} was chosen because it is ${points} points better than ${loser} on rows that neither had seen.`;
}
export const onlyOneSentence = (recipe: string) => `Only ${recipe} was asked for.`;
