/*
 * Why one recipe was preferred to another, for the customer; the portal knows these sentences in other languages. A
 * difference is winner minus loser, as a share.
 */

const points = (difference: number) => (Math.abs(difference) * 100).toFixed(1);

/** The winner is better, or it is the cheaper one of two that are alike. */
export const choiceSentence = (winner: string, loser: string, difference: number): string =>
  difference > 0
    ? `${winner} was chosen because it is ${points(difference)} points better than ${loser} on rows that neither had seen.`
    : `${winner} was chosen because it is cheaper: the ${points(difference)} points between it and ${loser} are within one standard error.`;

/** The winner is neither here, but is known to be better. */
export const experienceSentence = (winner: string, loser: string, difference: number): string =>
  `${winner} was chosen because it does better on other datasets: with so few rows, the ${points(difference)} points by which ${loser} was ahead here tell nothing.`;

export const onlyOneSentence = (recipe: string) => `Only ${recipe} was asked for.`;
