import { secondsInAll } from "./labels.comparison";
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
    const seconds = (recipes: typeof possible) =>
      recipes.reduce((sum, recipe) => sum + secondsInAll(recipe, { rows, classes, meanTokens }), 0);
    const p50Seconds = Math.round(seconds(possible.filter(({ after }) => !after)));
    return { rows, p50Seconds, p90Seconds: Math.round(BUSY * seconds(possible)) };
  });
}
