import { groupWords, type Span, wordsOf } from "./words";

/**
 * Explanation by erasure (Li et al. 2016): a word speaks for a label as far as the label loses when the word is left
 * out. It asks the model and nothing else, so it is the same for every recipe.
 */

/** With the text itself 32 rows: one batch of the base up to 32 tokens, which are at most 30 words. */
const MOST_VARIANTS = 31;
/** Labels that a reader may switch between. */
export const MOST_LABELS = 5;
/** What lies beyond is read by no recipe; more words to a stretch would only blur the others. */
const READ_CHARACTERS = 4000;

export interface Occlusion {
  /** What is left out; single words, or neighbours together in a long text. */
  spans: Span[];
  /** The text without each of them. */
  variants: string[];
}

export function occlude(text: string): Occlusion {
  const words = wordsOf(text.slice(0, READ_CHARACTERS));
  const spans = groupWords(words, MOST_VARIANTS);
  return { spans, variants: spans.map(({ start, end }) => text.slice(0, start) + text.slice(end)) };
}

/** ln(p / (1 - p)) of one label from a row of calibrated logits, without ever rounding p to one. */
export function logOdds(logits: Float32Array, label: number): number {
  const own = logits[label] as number;
  let most = Number.NEGATIVE_INFINITY;
  for (const [k, z] of logits.entries()) if (k !== label) most = Math.max(most, z);
  let rest = 0;
  for (const [k, z] of logits.entries()) if (k !== label) rest += Math.exp(z - most);
  return own - most - Math.log(rest);
}

/**
 * What each stretch adds to a label's log-odds or to a number, above zero for it and below against it.
 * @param scores [1 + stretches, classes]: of the text, then of its variants.
 * @param weigh what words add to, from a row of scores; for calibrated logits of a softmax `logOdds`.
 */
export function occlusionWeights(
  scores: Float32Array,
  classes: number,
  label: number,
  weigh: (row: Float32Array, label: number) => number,
): number[] {
  const weighed = Array.from({ length: scores.length / classes }, (_, row) =>
    weigh(scores.subarray(row * classes, (row + 1) * classes), label),
  );
  const [whole = 0, ...without] = weighed;
  return without.map((value) => whole - value);
}
