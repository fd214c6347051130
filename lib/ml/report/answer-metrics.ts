import type { Estimate } from "../evaluation";
import { generator } from "../linear/svm";

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

const Z95 = 1.959964;
const DRAWS = 400;

/** The mean of figures in 0..1 with a percentile bootstrap interval over rows. */
export function meanOf(values: readonly number[], seed = 1): Estimate {
  const mean = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0) / Math.max(1, list.length);
  const random = generator(seed);
  const draws = Array.from({ length: DRAWS }, () =>
    mean(values.map(() => values[Math.floor(random() * values.length)] as number)),
  ).sort((a, b) => a - b);
  const value = mean(values);
  const at = (share: number) => draws[Math.min(DRAWS - 1, Math.floor(DRAWS * share))] ?? value;
  return { value, low: Math.min(value, at(0.025)), high: Math.max(value, at(0.975)) };
}

/** Mean of one minus the other on the same rows, with its 95 % interval and standard error (paired, normal). */
export function meanDifference(
  one: readonly number[],
  other: readonly number[],
): Estimate & { error: number } {
  const differences = one.map((x, row) => x - (other[row] as number));
  const n = differences.length;
  const value = differences.reduce((sum, d) => sum + d, 0) / n;
  const variance = differences.reduce((sum, d) => sum + (d - value) ** 2, 0) / Math.max(1, n - 1);
  const error = Math.sqrt(variance / n);
  return { value, low: value - Z95 * error, high: value + Z95 * error, error };
}
