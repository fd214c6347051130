import { SCOPE_SCORES, type ScopeScore } from "../contract";
import { auroc } from "./scope";
import { Z95 } from "./wilson";

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

interface Counts {
  inside: number;
  outside: number;
}

/** Standard error of an AUROC (Hanley & McNeil 1982). */
export function aurocError(area: number, { inside, outside }: Counts): number {
  const twoInside = area / (2 - area) - area ** 2;
  const twoOutside = (2 * area ** 2) / (1 + area) - area ** 2;
  const sum = area * (1 - area) + (inside - 1) * twoInside + (outside - 1) * twoOutside;
  return Math.sqrt(Math.max(0, sum) / (inside * outside));
}

/**
 * The 95 % interval of a mean over rounds: the areas that are no further away than their own standard error allows, as
 * Wilson's interval of a share is found, so that an area of 1 has a width too. Rounds share rows; the mean of their
 * errors is right where they err together, and too wide where they do not.
 */
function aurocInterval(mean: number, rounds: readonly Counts[]): { low: number; high: number } {
  const errorOf = (area: number) =>
    rounds.reduce((sum, round) => sum + aurocError(area, round), 0) / rounds.length;
  const isNear = (area: number) => Math.abs(area - mean) <= Z95 * errorOf(area);
  const boundTowards = (end: number) => {
    let [near, far] = [mean, end];
    for (let step = 0; step < 40; step++) {
      const middle = (near + far) / 2;
      if (isNear(middle)) near = middle;
      else far = middle;
    }
    return near;
  };
  return { low: boundTowards(0), high: boundTowards(1) };
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
  return best && { ...best, measured: measuredOn(best.auroc, judged) };
}

function measuredOn(mean: number, rounds: readonly Round[]) {
  const counts = rounds.map(({ inside, outside }) => ({ inside: inside.length, outside: outside.length }));
  const sumOf = (side: keyof Counts) => counts.reduce((sum, round) => sum + round[side], 0);
  return {
    ...aurocInterval(mean, counts),
    inside: sumOf("inside"),
    outside: sumOf("outside"),
    rounds: counts.length,
  };
}

/**
 * The threshold that keeps 96 % of `inside`: unseen texts of taught classes that are answered right. Where the
 * answer would be wrong, nothing is lost by calling the text foreign.
 */
export function scopeThreshold(score: ScopeScore, inside: readonly Judged[]): number {
  const sorted = inside.map((one) => scopeOf(score, one)).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * (1 - KEPT))] ?? 0;
}
