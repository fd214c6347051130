import type { LevelsEvaluation } from "../evaluation";
import { absoluteErrors, moments, type Numbers } from "./numbers";
import { estimateOf } from "./resample";
import { wilson } from "./wilson";

/** Numbers that are the levels of a scale (stars, grades, severity): which level an answer means, and how well that agrees. */

/** 0 to 10 is the longest scale that is usual. */
const MOST_LEVELS = 11;
/** Rows for each different number, on average. */
const LEAST_ROWS = 5;

/**
 * The different numbers, lowest first, where they are the levels of a scale: few, and coming back row after row, which
 * prices and sizes do not. They need not be whole (half stars, a grade of 1.3). A rare one is a level all the same:
 * one severe case or one slip of the pen does not make the others a measured quantity. Empty where there is no scale.
 */
export function levelsOf(values: Numbers): number[] {
  const levels = [...new Set(values)].sort((a, b) => a - b);
  const isScale = levels.length <= MOST_LEVELS && values.length >= LEAST_ROWS * levels.length;
  return isScale ? levels : [];
}

/** Which level a number means: how many cuts are not above it. */
export const placeOf = (value: number, cuts: readonly number[]): number =>
  cuts.filter((cut) => cut <= value).length;

/**
 * The cut between each two neighbouring levels, for answers that lie within the lowest and the highest level. An answer
 * is as many levels off as there are cuts on whose wrong side it is (all-threshold loss, Rennie & Srebro 2005), so the
 * mean absolute error is least, in levels and in the numbers' own unit, when each cut by itself has the fewest rows on
 * its wrong side. Such cuts are in order: between two cuts only the level in between counts differently, and the higher
 * a cut, the more speaks for the upper one. Of equally good cuts the nearest to the middle of its two levels is
 * taken. Two cuts that coincide leave out the level in between.
 * @param actual the true numbers, each one of `levels`.
 * @param predicted answers of models that had not seen the rows.
 */
export function chooseCuts(levels: readonly number[], actual: Numbers, predicted: Numbers): number[] {
  const order = [...predicted.keys()].sort((a, b) => (predicted[a] as number) - (predicted[b] as number));
  const [lowest = 0, highest = 0] = [levels[0], levels.at(-1)];
  return levels.slice(1).map((upper, i) => {
    const middle = ((levels[i] as number) + upper) / 2;
    // Below and above every answer, so all rows or none lie above these two.
    const [always, never] = [lowest - 1, highest + 1];
    let wrong = order.filter((row) => (actual[row] as number) < upper).length;
    let best = { cut: always, wrong };
    for (const [at, row] of order.entries()) {
      wrong += (actual[row] as number) < upper ? -1 : 1;
      const [own, next] = [predicted[row] as number, predicted[order[at + 1] ?? -1]];
      // Equal answers lie on one side.
      if (next === own) continue;
      const cut = next === undefined ? never : (own + next) / 2;
      const isNearer = Math.abs(cut - middle) < Math.abs(best.cut - middle);
      if (wrong < best.wrong || (wrong === best.wrong && isNearer)) best = { cut, wrong };
    }
    return best.cut;
  });
}

/**
 * Kappa with quadratic weights (Cohen 1968) from summed moments of places on a scale: one minus the mean squared
 * difference over that of independent places. 0 where nothing varies.
 */
export function weightedKappa([n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0]: Float64Array): number {
  const byChance = n * (xx + yy) - 2 * x * y;
  return byChance > 0 ? 1 - (n * (xx + yy - 2 * xy)) / byChance : 0;
}

/**
 * How well answered levels agree with the true ones, over the rows whose true number is a level; undefined without any.
 * @param answered places in `levels`.
 */
export function evaluateLevels(
  levels: readonly number[],
  actual: Numbers,
  answered: readonly number[],
  /** The cuts that the model answers with. */
  shown: readonly number[],
): LevelsEvaluation | undefined {
  const rows = [...actual.keys()].filter((row) => levels.includes(actual[row] as number));
  if (rows.length === 0) return undefined;
  const truth = Float64Array.from(rows, (row) => levels.indexOf(actual[row] as number));
  const places = Float64Array.from(rows, (row) => answered[row] as number);
  const errors = absoluteErrors(truth, places);
  const within = (most: number) => wilson(errors.filter((error) => error <= most).length, rows.length);
  return {
    levels: [...levels],
    cuts: [...shown],
    n: rows.length,
    exact: within(0),
    withinOne: within(1),
    kappa: estimateOf(moments(truth, places), weightedKappa),
    table: levels.map((_, t) =>
      levels.map((_, p) => rows.filter((_, i) => truth[i] === t && places[i] === p).length),
    ),
  };
}
