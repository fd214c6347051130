import { epochsFor } from "../recipes/tuning-effort";
import type { Recipe } from "../task";
import { fitsInAll, secondsInAll } from "./labels.comparison";
import { engine } from "./text-classification.engine";

/** Rows that a time is told for; between them it grows evenly. */
const SIZES = [200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000];
/** A machine that others work on too takes so much longer than the estimates say, nine times of ten. */
const BUSY = 1.5;

/**
 * What a training that may choose its recipe takes, by the recipes' own estimates: usually without those that are tried
 * only where an earlier one leads, at worst with all of them.
 */
export function forecastSeconds(
  { classes, meanTokens }: { classes: number; meanTokens: number },
  { hasBase, canTune }: { hasBase: boolean; canTune: boolean },
) {
  const possible = engine.recipes.filter(
    ({ needs }) => (hasBase || !needs.base) && (canTune || !needs.tuning),
  );
  return SIZES.map((rows) => {
    const profile = { rows, classes, meanTokens };
    const usual = epochsFor(rows);
    const oneMore = (recipe: Recipe) => {
      const { seconds } = recipe.estimate(profile);
      return (recipe.estimate({ ...profile, epochs: usual + 1 }).seconds - seconds) * fitsInAll(seconds);
    };
    const told = (secondsOf: (recipe: Recipe) => number) => {
      const sum = (recipes: readonly Recipe[]) => recipes.reduce((all, one) => all + secondsOf(one), 0);
      const often = possible.filter(({ after }) => !after);
      return { p50Seconds: sum(often), p90Seconds: BUSY * sum(possible) };
    };
    const { p50Seconds, p90Seconds } = told((recipe) => secondsInAll(recipe, profile));
    const epochs = { usual, ...told(oneMore) };
    return { rows, p50Seconds: Math.round(p50Seconds), p90Seconds: Math.round(p90Seconds), epochs };
  });
}
