import { COVERAGE } from "../report/numbers";
import type { LinearAnswers } from "./linear-text";
import type { NumberSettings } from "./number-judge";
import type { NumberOutput } from "./text-number";

/** A number with the interval around it, within what was taught: here and in an exported model alike. */
const numberAnswers = (inputs: readonly string[]): LinearAnswers<NumberOutput, NumberSettings> => ({
  inputs,
  figures: "value",
  say([value = 0], { least, most, half }) {
    const [low, high] = [Math.max(least, value - half), Math.min(most, value + half)];
    return { value, interval: { low, high, coverage: COVERAGE } };
  },
});

export const numberOfText = numberAnswers(["text"]);
export const numberOfPair = numberAnswers(["text", "text_b"]);
