import { z } from "zod";
import type { FrozenRow } from "../data/frozen-rows";
import { nearest } from "../linear/losses";
import { chooseCuts, evaluateLevels, levelsOf, placeOf } from "../report/levels";
import {
  absoluteErrors,
  evaluateNumbers,
  halfWidth,
  meanAbsolute,
  moments,
  pearson,
  ranksOf,
} from "../report/numbers";
import { scoreOf } from "../report/resample";
import { TrainingError } from "../task";
import type { Aim, Judge, LinearTask } from "./linear-text";
import type { NumberOutput } from "./text-number";

/** How numbers are learnt and judged, whatever they are the numbers of. */

/** Models answer in the numbers' own spread around their mean, so that strengths mean the same for grades and prices. */
export const numberSettingsSchema = z.object({
  mean: z.number(),
  spread: z.number(),
  least: z.number(),
  most: z.number(),
  /** Half the width of the interval around an answer. */
  half: z.number(),
  /** The levels of a scale, lowest first, and the cuts between neighbours; models from before have none. */
  levels: z.array(z.number()).default([]),
  cuts: z.array(z.number()).default([]),
});
export type NumberSettings = z.infer<typeof numberSettingsSchema>;
type Scale = Omit<NumberSettings, "half" | "cuts">;

/** Answers stay within what was taught. */
const toValue = (output: number, { mean, spread, least, most }: Scale) =>
  Math.min(most, Math.max(least, mean + spread * output));

function aimAtNumbers(own: readonly FrozenRow<unknown, number>[]): Aim<number, NumberSettings> {
  const values = own.map(({ target }) => target);
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  if (least === most)
    throw new TrainingError(
      "numbers_all_equal",
      `Every row has the number ${least}. Add rows with other ones.`,
      "training_file",
    );
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length);
  const levels = levelsOf(Float64Array.from(values));
  const scale = { mean, spread, least, most, levels };
  return {
    names: levels.map(String),
    isKnown: () => true,
    over: (targets) => judgeOf(Float64Array.from(targets), scale),
  };
}

function judgeOf(actual: Float64Array, scale: Scale): Judge<NumberSettings> {
  const trueOf = (rows: readonly number[]) => Float64Array.from(rows, (row) => actual[row] as number);
  const valuesOf = (outputs: Float32Array) => Float64Array.from(outputs, (one) => toValue(one, scale));
  return {
    objective: nearest(actual.map((one) => (one - scale.mean) / scale.spread)),
    strata: strataOf(actual),
    metric: "pearson",
    sums: (outputs, rows) => moments(trueOf(rows), valuesOf(outputs)),
    score: pearson,
    scores(outputs, rows) {
      const [own, values] = [trueOf(rows), valuesOf(outputs)];
      return {
        spearman: { value: scoreOf(moments(ranksOf(own), ranksOf(values)), pearson) },
        mae: { value: meanAbsolute(own, values) },
      };
    },
    settle(outputs, rows) {
      const [own, values] = [trueOf(rows), valuesOf(outputs)];
      return {
        ...scale,
        half: halfWidth(absoluteErrors(own, values)),
        cuts: chooseCuts(scale.levels, own, values),
      };
    },
    evaluate(kind, outputs, rows, quoted, settingsOf, shown) {
      const [own, values] = [trueOf(rows), valuesOf(outputs)];
      const answered = Array.from(values, (value, place) => placeOf(value, settingsOf(place).cuts));
      const levels = evaluateLevels(scale.levels, own, answered, shown.cuts);
      const evaluation = evaluateNumbers(kind, quoted, own, values, (place) => settingsOf(place).half);
      return { ...evaluation, ...(levels && { levels }) };
    },
  };
}

/** Parts of the range with as many rows each; equal numbers lie in one. */
const PARTS = 5;
function strataOf(values: Float64Array): Judge<NumberSettings>["strata"] {
  const sorted = Float64Array.from(values).sort();
  const cuts = Array.from(
    { length: PARTS - 1 },
    (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / PARTS)] as number,
  );
  const part = Int32Array.from(values, (value) => cuts.filter((cut) => cut <= value).length);
  const used = [...new Set(part)].sort((a, b) => a - b);
  return { labels: part.map((one) => used.indexOf(one)), count: used.length };
}

/** The part of an answer that words add to. */
const VALUE = "value";

export const toldByNumber = {
  addsTo: "value",
  labels: () => [VALUE],
  // Not held within what was taught: at the ends of a scale no word would say anything.
  scores: (outputs, { mean, spread }) => outputs.map((output) => mean + spread * output),
  weigh: ([value = 0]) => value,
  explained: () => [VALUE],
} satisfies Omit<LinearTask<never, number, NumberOutput, NumberSettings>["told"], "leaveOut">;

/** What tasks that answer a number have in common beside the answer itself. */
export const judgedNumber = {
  aim: aimAtNumbers,
  figuresOf: (outputs, settings) => Float64Array.from(outputs, (one) => toValue(one, settings)),
  ending: ({ mean, spread, least, most }) => ({ kind: "number", mean, spread, least, most }),
  differences(own, found, { least, most }) {
    const ends = (one?: NumberOutput) => [one?.value, one?.interval.low, one?.interval.high];
    const there = ends(found);
    return ends(own).map((end, i) => ((end ?? Number.NaN) - (there[i] ?? Number.NaN)) / (most - least));
  },
} satisfies Partial<LinearTask<never, number, NumberOutput, NumberSettings>>;
