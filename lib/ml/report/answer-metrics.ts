import type { Estimate } from "../evaluation";
import { estimateOf, pairedEstimate, type Sums } from "./resample";

/**
 * How alike two answers are by the rules of SQuAD (Rajpurkar et al. 2016), as MLQA carries them to other languages
 * (Lewis et al. 2020): case, punctuation and articles do not count; scripts without spaces are compared by character.
 */
export interface JudgedAnswer {
  expected: string;
  answered: string;
}

const ARTICLES = new Set(
  "a an the ein eine einen einem eines einer der die das den dem des un une le la les el los las unos unas".split(
    " ",
  ),
);
const TOKEN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+/gu;

/** Words that count; a text of nothing but articles keeps them. */
export function answerWords(text: string): string[] {
  const words = text.normalize("NFKC").toLowerCase().replace(/\p{P}/gu, "").match(TOKEN) ?? [];
  const telling = words.filter((word) => !ARTICLES.has(word));
  return telling.length > 0 ? telling : words;
}

export const isExact = ({ expected, answered }: JudgedAnswer): boolean =>
  answerWords(expected).join(" ") === answerWords(answered).join(" ");

/** F1 of the words that both have, counted as often as they stand there. */
export function wordF1({ expected, answered }: JudgedAnswer): number {
  const [right, found] = [answerWords(expected), answerWords(answered)];
  const left = new Map<string, number>();
  for (const word of right) left.set(word, (left.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of found) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    shared++;
    left.set(word, count - 1);
  }
  return right.length + found.length ? (2 * shared) / (right.length + found.length) : 1;
}

const sumsOf = (values: readonly number[]): Sums => ({
  values: Float64Array.from(values.flatMap((value) => [value, 1])),
  width: 2,
});
const meanIn = ([sum = 0, rows = 0]: Float64Array) => sum / Math.max(1, rows);

/** The mean of figures with its interval over rows. */
export const meanOf = (values: readonly number[]): Estimate => estimateOf(sumsOf(values), meanIn);
/** The mean of one minus that of the other on the same rows, with its interval and standard error. */
export const meanDifference = (one: readonly number[], other: readonly number[]) =>
  pairedEstimate(sumsOf(one), sumsOf(other), meanIn);
