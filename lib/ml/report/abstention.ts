import { ACCEPTED_ERRORS, type ModelReport } from "../contract";
import type { LabelsEvaluation } from "../evaluation";
import { wilson } from "./wilson";

const RISK = 0.05;

/**
 * For each accepted share of wrong answers the least threshold that keeps it with 95 % certainty, whatever the
 * distribution: Learn then Test (Angelopoulos et al. 2021) by fixed-sequence testing. From the surest answers
 * on, the hypothesis "more than the accepted share is wrong above this threshold" is tested with the exact
 * binomial tail, and the first one that stands ends the walk, so trying many thresholds costs no certainty.
 * @param curve points by rising coverage over judged rows that the models had not seen. @param n how many rows.
 * @returns no entry where nothing can be promised.
 */
export function chooseThresholds(
  curve: LabelsEvaluation["selective"],
  n: number,
  shares: readonly number[] = ACCEPTED_ERRORS,
): NonNullable<ModelReport["abstention"]> {
  return shares.flatMap((accepted) => {
    // Fewer answers could not reject even without a single wrong one; a little more lets one of them be wrong.
    const least = Math.log(RISK) / Math.log(1 - accepted);
    const start = Math.max(least, Math.min(3 * least, n / 2));
    let last: LabelsEvaluation["selective"][number] | null = null;
    for (const point of curve) {
      const answered = Math.round(point.coverage * n);
      if (answered < start) continue;
      if (binomialBelow(Math.round(point.error * answered), answered, accepted) > RISK) break;
      last = point;
    }
    if (!last) return [];
    const answered = Math.round(last.coverage * n);
    const { threshold, error } = last;
    const errorUpper = upperBound(Math.round(error * answered), answered);
    return [{ accepted, threshold, coverage: wilson(answered, n), error, errorUpper }];
  });
}

/** P(X <= k) of a binomial distribution. */
export function binomialBelow(k: number, n: number, p: number): number {
  if (k >= n) return 1;
  let log = n * Math.log1p(-p);
  let sum = Math.exp(log);
  for (let i = 1; i <= k; i++) {
    log += Math.log((n - i + 1) / i) + Math.log(p) - Math.log1p(-p);
    sum += Math.exp(log);
  }
  return Math.min(1, sum);
}

/** One-sided 95 % upper bound of a share (Clopper & Pearson 1934), by bisection. */
export function upperBound(k: number, n: number): number {
  let [low, high] = [k / Math.max(1, n), 1];
  for (let i = 0; i < 30; i++) {
    const p = (low + high) / 2;
    if (binomialBelow(k, n, p) > RISK) low = p;
    else high = p;
  }
  return high;
}
