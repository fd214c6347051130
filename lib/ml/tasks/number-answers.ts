import { placeOf } from "../report/levels";
import { COVERAGE } from "../report/numbers";
import type { LinearAnswers } from "./linear-text";
import type { NumberSettings } from "./number-judge";
import type { NumberOutput } from "./text-number";

/** A number with the interval around it, within what was taught, and the level that it means: here and in an exported model alike. */
const numberAnswers = (inputs: readonly string[]): LinearAnswers<NumberOutput, NumberSettings> => ({
  inputs,
  figures: "value",
  say([value = 0], { least, most, half, levels, cuts }) {
    const [low, high] = [Math.max(least, value - half), Math.min(most, value + half)];
    const level = levels[placeOf(value, cuts)];
    return { value, ...(level !== undefined && { level }), interval: { low, high, coverage: COVERAGE } };
  },
});

export const numberOfText = numberAnswers(["text"]);
export const numberOfPair = numberAnswers(["text", "text_b"]);
