import type { SeveralLabelsEvaluation } from "../evaluation";
import { estimateOf, type Sums } from "./resample";
import { wilson } from "./wilson";

/** How well several labels a row are told: every label is a question of its own, yes from its threshold on. */

/** True labels and probabilities of the same rows, [rows, labels] row-major. */
export interface JudgedLabels {
  labels: number;
  targets: Uint8Array;
  probabilities: Float32Array;
}

/** Above every probability: a label that nothing taught is never given. */
const NEVER = 1.01;
/** With fewer rows of a label its own best threshold is mostly chance. */
const FEW_ROWS = 20;

/**
 * For each label the threshold with the highest F1 on these rows (Lipton et al. 2014). A label of few rows takes the
 * one that is best for all labels together.
 */
export function chooseThresholds({ labels, targets, probabilities }: JudgedLabels): number[] {
  const common = bestThreshold(targets, probabilities);
  return Array.from({ length: labels }, (_, label) => {
    const isOwn = (_: number, i: number) => i % labels === label;
    const own = targets.filter(isOwn);
    const rows = own.reduce((n, one) => n + one, 0);
    if (rows === 0) return NEVER;
    return rows < FEW_ROWS ? common : bestThreshold(own, probabilities.filter(isOwn));
  });
}

/** Half way between the last probability that is a yes and the first that is a no, at the highest F1. */
function bestThreshold(targets: Uint8Array, probabilities: Float32Array): number {
  const order = Int32Array.from(targets.keys());
  order.sort((a, b) => (probabilities[b] as number) - (probabilities[a] as number));
  const all = targets.reduce((n, one) => n + one, 0);
  let [hits, best, threshold] = [0, 0, NEVER];
  for (const [i, at] of order.entries()) {
    hits += targets[at] as number;
    const own = probabilities[at] as number;
    const next = i + 1 < order.length ? (probabilities[order[i + 1] as number] as number) : 0;
    // Rows of equal probability are answered alike.
    if (next === own) continue;
    const f1 = (2 * hits) / (i + 1 + all);
    if (f1 <= best) continue;
    best = f1;
    threshold = (own + next) / 2;
  }
  return threshold;
}

/** Hits, answers and truths of each label, three columns a label; each row by the thresholds of its place. */
export function countLabels(
  { labels, targets, probabilities }: JudgedLabels,
  thresholdsOf: (place: number) => readonly number[],
): Sums {
  const values = new Float64Array(targets.length * 3);
  for (let i = 0; i < targets.length; i++) {
    const thresholds = thresholdsOf(Math.floor(i / labels));
    const isGiven = (probabilities[i] as number) >= (thresholds[i % labels] as number);
    values[i * 3] = isGiven && targets[i] === 1 ? 1 : 0;
    values[i * 3 + 1] = isGiven ? 1 : 0;
    values[i * 3 + 2] = targets[i] as number;
  }
  return { values, width: labels * 3 };
}

/** One F1 over all labels' hits together. */
export function microF1(sums: Float64Array): number {
  let [hits, both] = [0, 0];
  for (let i = 0; i < sums.length; i += 3) {
    hits += sums[i] as number;
    both += (sums[i + 1] as number) + (sums[i + 2] as number);
  }
  return both === 0 ? 0 : (2 * hits) / both;
}

/** The mean F1 of labels that occur or are given. */
export function macroF1(sums: Float64Array): number {
  let [sum, n] = [0, 0];
  for (let i = 0; i < sums.length; i += 3) {
    const both = (sums[i + 1] as number) + (sums[i + 2] as number);
    if (both === 0) continue;
    sum += (2 * (sums[i] as number)) / both;
    n += 1;
  }
  return n === 0 ? 0 : sum / n;
}

const WORST = 50;

/** Everything that a report says about several labels a row, on rows that the model had not seen. */
export function evaluateLabels(
  kind: SeveralLabelsEvaluation["kind"],
  rows: readonly { line: number; text: string }[],
  judged: JudgedLabels,
  thresholdsOf: (place: number) => readonly number[],
  /** Those that the model answers with. */
  shown: readonly number[],
  names: readonly string[],
): SeveralLabelsEvaluation {
  const { labels, targets } = judged;
  const counts = countLabels(judged, thresholdsOf);
  const wrong = rows.map((row, i) => {
    const own = Array.from({ length: labels }, (_, label) => (i * labels + label) * 3);
    const named = (isWrong: (at: number) => boolean) =>
      own.flatMap((at, label) => (isWrong(at) ? [names[label] ?? ""] : []));
    return {
      line: row.line,
      text: row.text.slice(0, 300),
      missing: named((at) => counts.values[at + 2] === 1 && counts.values[at] === 0),
      extra: named((at) => counts.values[at + 1] === 1 && counts.values[at] === 0),
    };
  });
  const mistakes = (one: (typeof wrong)[number]) => one.missing.length + one.extra.length;
  const isWrong = wrong.filter((one) => mistakes(one) > 0);
  return {
    measures: "several_labels",
    kind,
    n: rows.length,
    microF1: estimateOf(counts, microF1),
    macroF1: estimateOf(counts, macroF1),
    exact: wilson(rows.length - isWrong.length, rows.length),
    perClass: names.map((label, k) => {
      let [hits, given, support] = [0, 0, 0];
      for (let i = k; i < targets.length; i += labels) {
        hits += counts.values[i * 3] as number;
        given += counts.values[i * 3 + 1] as number;
        support += counts.values[i * 3 + 2] as number;
      }
      return {
        label,
        threshold: Math.min(1, shown[k] as number),
        precision: given ? hits / given : 0,
        recall: support ? hits / support : 0,
        f1: given + support ? (2 * hits) / (given + support) : 0,
        support,
      };
    }),
    worst: isWrong.sort((a, b) => mistakes(b) - mistakes(a)).slice(0, WORST),
  };
}
