import { scaleLora } from "../base/lora-shape";
import type { Differentiable } from "../task";
import type { GradientOrder, LabelGradients } from "./integrated-gradients";

/** Between a text as a model reads it and its gradients: what is asked, and what the answer says of its words. */

/** The n-grams of all words count beside the head together. */
export function gradientOrderOf(parts: Differentiable, labels: readonly number[]): GradientOrder {
  const { request, head, temperature, ngrams } = parts;
  const beside = ngrams.words.reduce((sum, word) => sum.map((one, c) => one + (word[c] ?? 0)), ngrams.rest);
  const { ids, adapter, scale = 1, whole } = request;
  return {
    ...{ ids, head, temperature, beside, labels },
    adapter: adapter ? scaleLora(adapter.lora, scale) : null,
    change: whole?.change,
  };
}

export interface WordGradients {
  /** What each word adds to the label's log-odds, by its tokens and by its n-grams. */
  weights: number[];
  /** What is no word adds: punctuation, and n-grams that no word has alone. */
  rest: number;
  /** The whole difference in log-odds that is explained, and what weights and rest miss of it. */
  difference: number;
  gap: number;
}

const sumOf = (values: ArrayLike<number>) => Array.from(values).reduce((sum, one) => sum + one, 0);

export function tellByWords(found: LabelGradients, { words, ngrams }: Differentiable): WordGradients {
  const byNgrams = (logits?: Float32Array) => sumOf(found.classes.map((one, c) => one * (logits?.[c] ?? 0)));
  const byTokens = words.map(({ from, to }) => sumOf(found.tokens.subarray(from, to)));
  const weights = byTokens.map((one, i) => one + byNgrams(ngrams.words[i]));
  const rest = sumOf(found.tokens) - sumOf(byTokens) + byNgrams(ngrams.rest);
  const difference = found.whole - found.baseline;
  return { weights, rest, difference, gap: difference - sumOf(weights) - rest };
}
