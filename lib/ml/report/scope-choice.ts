import { SCOPE_SCORES, type ScopeScore } from "../contract";
import { auroc } from "./scope";

/*
 * Which score tells a text from what the model was taught depends on base, recipe and classes, so it is chosen per
 * model by leaving classes out. All of them take logits as they are: a temperature before the softmax was measured
 * to hurt.
 */

/** One text under a model: its logits [classes] and the cosine to the nearest taught row of the answered class. */
export interface Judged {
  logits: Float32Array;
  similarity: number;
}

/** Hendrycks & Gimpel 2017 (probability), Hendrycks et al. 2022 (logit), Liu et al. 2020 (energy). */
export function scopeOf(score: ScopeScore, { logits, similarity }: Judged): number {
  if (score === "similarity") return similarity;
  const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (score === "max_logit") return most;
  const sum = logits.reduce((all, z) => all + Math.exp(z - most), 0);
  return score === "energy" ? most + Math.log(sum) : 1 / sum;
}

/** Below this a score does not tell: no text is called out of scope by it. */
const LEAST_AUROC = 0.65;
/** In four of a hundred texts like the training rows the model would rather pass. */
const KEPT = 0.96;

/** Texts of taught classes beside texts of classes that were left out, under one model. */
export interface Round {
  inside: Judged[];
  outside: Judged[];
}

/** The score that tells best over all rounds, earlier ones of `SCOPE_SCORES` on a tie; null when none does. */
export function chooseScopeScore(rounds: readonly Round[], scores: readonly ScopeScore[] = SCOPE_SCORES) {
  const judged = rounds.filter(({ inside, outside }) => inside.length > 0 && outside.length > 0);
  let best: { score: ScopeScore; auroc: number } | null = null;
  for (const score of scores) {
    const of = (list: readonly Judged[]) => list.map((one) => scopeOf(score, one));
    const total = judged.reduce((sum, round) => sum + auroc(of(round.inside), of(round.outside)), 0);
    const mean = total / Math.max(1, judged.length);
    if (mean >= LEAST_AUROC && mean > (best?.auroc ?? 0)) best = { score, auroc: mean };
  }
  return best;
}

/**
 * The threshold that keeps 96 % of `inside`: unseen texts of taught classes that are answered right. Where the
 * answer would be wrong, nothing is lost by calling the text foreign.
 */
export function scopeThreshold(score: ScopeScore, inside: readonly Judged[]): number {
  const sorted = inside.map((one) => scopeOf(score, one)).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * (1 - KEPT))] ?? 0;
}
