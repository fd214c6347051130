import type { Estimate, LabelsEvaluation, Reliability } from "../evaluation";
import { generator } from "../linear/svm";
import { wilson, Z95 } from "./wilson";

const Z95_ONE_SIDED = 1.644854;
/** Below this many rows a calibration error is mostly noise, and none is given. */
const LEAST_FOR_CALIBRATION = 200;

export interface Answered {
  /** Class numbers. */
  actual: Int32Array;
  predicted: Int32Array;
}

/** Precision, recall and F1 of every class; a class without predictions has precision 0. */
export function classFigures({ actual, predicted }: Answered, classes: number) {
  const [hit, said, is] = [new Int32Array(classes), new Int32Array(classes), new Int32Array(classes)];
  for (const [row, a] of actual.entries()) {
    const p = predicted[row] as number;
    is[a] = (is[a] ?? 0) + 1;
    said[p] = (said[p] ?? 0) + 1;
    if (a === p) hit[a] = (hit[a] ?? 0) + 1;
  }
  return Array.from({ length: classes }, (_, k) => {
    const [h, s, i] = [hit[k] ?? 0, said[k] ?? 0, is[k] ?? 0];
    return {
      precision: s ? h / s : 0,
      recall: i ? h / i : 0,
      f1: s + i ? (2 * h) / (s + i) : 0,
      support: i,
    };
  });
}

/** Mean F1 over the classes that occur or are predicted. */
export function macroF1(answered: Answered, classes: number): number {
  const said = new Set(answered.predicted);
  const figures = classFigures(answered, classes).filter((figure, k) => figure.support > 0 || said.has(k));
  return figures.reduce((sum, figure) => sum + figure.f1, 0) / Math.max(1, figures.length);
}

/** Macro-F1 with a percentile bootstrap interval over rows (200 draws, seeded). */
export function macroF1Estimate(answered: Answered, classes: number, seed = 1): Estimate {
  const random = generator(seed);
  const n = answered.actual.length;
  const draws = Array.from({ length: 200 }, () => {
    const actual = new Int32Array(n);
    const predicted = new Int32Array(n);
    for (let i = 0; i < n; i++) {
      const row = Math.floor(random() * n);
      actual[i] = answered.actual[row] as number;
      predicted[i] = answered.predicted[row] as number;
    }
    return macroF1({ actual, predicted }, classes);
  }).sort((a, b) => a - b);
  const value = macroF1(answered, classes);
  return { value, low: Math.min(value, draws[4] ?? 0), high: Math.max(value, draws[195] ?? 1) };
}

export function accuracyOf({ actual, predicted }: Answered): Estimate {
  let right = 0;
  for (const [row, a] of actual.entries()) if (a === predicted[row]) right += 1;
  return wilson(right, actual.length);
}

/** The most probable class of each row and its probability. */
export function decide(probabilities: Float32Array, classes: number) {
  const n = probabilities.length / classes;
  const predicted = new Int32Array(n);
  const confidence = new Float64Array(n);
  for (let row = 0; row < n; row++) {
    let best = 0;
    for (let k = 1; k < classes; k++)
      if ((probabilities[row * classes + k] as number) > (probabilities[row * classes + best] as number))
        best = k;
    predicted[row] = best;
    confidence[row] = probabilities[row * classes + best] as number;
  }
  return { predicted, confidence };
}

/** Expected calibration error over 15 equal-width bins (Guo et al., ICML 2017, section 2). */
export function calibration(confidence: Float64Array, isRight: readonly boolean[]): Reliability {
  const bins = Array.from({ length: 15 }, () => ({ confidence: 0, right: 0, n: 0 }));
  for (const [row, c] of confidence.entries()) {
    const bin = bins[Math.min(14, Math.floor(c * 15))];
    if (!bin) continue;
    bin.n += 1;
    bin.confidence += c;
    if (isRight[row]) bin.right += 1;
  }
  const filled = bins.filter((bin) => bin.n > 0);
  const n = confidence.length;
  const ece = filled.reduce((sum, bin) => sum + Math.abs(bin.right - bin.confidence) / n, 0);
  return {
    ece: n < LEAST_FOR_CALIBRATION ? null : ece,
    bins: filled.map((bin) => ({
      confidence: bin.confidence / bin.n,
      accuracy: bin.right / bin.n,
      n: bin.n,
    })),
  };
}

/**
 * What happens when only answers with at least a certain confidence are given: the share answered, the share of
 * those that is wrong, and its one-sided 95 % upper bound (Wilson). At most 101 points, by coverage.
 */
export function selectiveCurve(
  confidence: Float64Array,
  isRight: readonly boolean[],
): LabelsEvaluation["selective"] {
  const order = [...confidence.keys()].sort((a, b) => (confidence[b] ?? 0) - (confidence[a] ?? 0));
  const n = order.length;
  const points: LabelsEvaluation["selective"] = [];
  let wrong = 0;
  let next = 1;
  for (const [i, row] of order.entries()) {
    if (!isRight[row]) wrong += 1;
    const answered = i + 1;
    const following = order[i + 1];
    // Rows of equal confidence are answered together or not at all.
    if (following !== undefined && confidence[following] === confidence[row]) continue;
    if (answered < (next * n) / 100 && answered < n) continue;
    next = Math.floor((answered * 100) / n) + 1;
    points.push({
      threshold: confidence[row] ?? 0,
      coverage: answered / n,
      error: wrong / answered,
      errorUpper: wilson(wrong, answered, Z95_ONE_SIDED).high,
    });
  }
  return points;
}

/** Everything that a report says about predictions on rows that the model has not seen. */
export function evaluate(
  kind: LabelsEvaluation["kind"],
  rows: readonly { line: number; text: string }[],
  actual: Int32Array,
  probabilities: Float32Array,
  labels: readonly string[],
): LabelsEvaluation {
  const { predicted, confidence } = decide(probabilities, labels.length);
  const answered = { actual, predicted };
  const isRight = [...actual].map((a, row) => a === predicted[row]);
  const pairs = new Map<string, LabelsEvaluation["confusions"][number]>();
  for (const [i, row] of rows.entries()) {
    if (isRight[i]) continue;
    const [a, p] = [labels[actual[i] as number] ?? "", labels[predicted[i] as number] ?? ""];
    const key = JSON.stringify([a, p]);
    const pair = pairs.get(key) ?? { actual: a, predicted: p, count: 0, rows: [] };
    pair.count += 1;
    if (pair.rows.length < 5) pair.rows.push({ ...row, confidence: confidence[i] ?? 0 });
    pairs.set(key, pair);
  }
  return {
    measures: "labels",
    kind,
    n: rows.length,
    accuracy: accuracyOf(answered),
    macroF1: macroF1Estimate(answered, labels.length),
    perClass: classFigures(answered, labels.length).map((figure, k) => ({
      label: labels[k] ?? "",
      ...figure,
    })),
    confusions: [...pairs.values()].sort((a, b) => b.count - a.count).slice(0, 200),
    confusionPairs: pairs.size,
    calibration: calibration(confidence, isRight),
    selective: selectiveCurve(confidence, isRight),
  };
}

/** Accuracy of one minus the other on the same rows, with its 95 % interval (paired, normal). */
export function pairedDifference(
  one: readonly boolean[],
  other: readonly boolean[],
): Estimate & { error: number } {
  const n = one.length;
  const differences = one.map((right, row) => Number(right) - Number(other[row]));
  const value = differences.reduce((sum, d) => sum + d, 0) / n;
  const variance = differences.reduce((sum, d) => sum + (d - value) ** 2, 0) / Math.max(1, n - 1);
  const error = Math.sqrt(variance / n);
  return { value, low: value - Z95 * error, high: value + Z95 * error, error };
}

/**
 * Whether one is right more often than the other by more than a standard error: less is mostly chance. The error of a
 * single row is that row, but for rounding.
 */
export function isAhead(one: readonly boolean[], other: readonly boolean[]): boolean {
  const { value, error } = pairedDifference(one, other);
  return value > error * (1 + 1e-9);
}
