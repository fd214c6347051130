import { z } from "zod";
import { type Objective, sigmoid, yesOrNo } from "../linear/losses";
import { labelDifferences } from "../portable/parity";
import { SINGLE_RECIPES } from "../recipes/linear-text";
import { leaveOutWords } from "../report/leave-out";
import { MOST_LABELS } from "../report/occlusion";
import { scoreOf } from "../report/resample";
import {
  chooseThresholds,
  countLabels,
  evaluateLabels,
  type JudgedLabels,
  macroF1,
  microF1,
} from "../report/several-labels";
import { type Engine, TrainingError } from "../task";
import type { Judge, LinearTask } from "./linear-text";
import { exportLinear } from "./linear-text.export";
import { openLinear } from "./linear-text.predict";
import { trainLinear } from "./linear-text.train";
import type { SeveralLabelsOutput } from "./text-multi-label";
import { severalLabels } from "./text-multi-label.answers";

const settingsSchema = z.object({ thresholds: z.array(z.number()) });
export type SeveralLabelsSettings = z.infer<typeof settingsSchema>;

const task: LinearTask<string, readonly string[], SeveralLabelsOutput, SeveralLabelsSettings> = {
  id: "text-multi-label",
  recipes: SINGLE_RECIPES,
  texts: (input) => [input],
  aim(own) {
    const names = [...new Set(own.flatMap(({ target }) => target))].sort();
    if (names.length < 2)
      throw new TrainingError(
        "one_class",
        "The rows name one label alone. Add rows of at least one other.",
        "training_file",
      );
    const numbers = new Map(names.map((name, i) => [name, i]));
    return {
      names,
      isKnown: (target) => target.every((name) => numbers.has(name)),
      over: (targets) => judgeOf(names, toMatrix(targets, numbers)),
    };
  },
  figuresOf: (outputs) => Float64Array.from(outputs, sigmoid),
  told: {
    leaveOut: leaveOutWords,
    addsTo: "log_odds",
    labels: (names) => names,
    // A label's own output is its log-odds: each is answered yes or no by itself.
    scores: (outputs) => outputs,
    weigh: (scores, label) => scores[label] as number,
    // The assigned ones come first, however many they are.
    explained: ({ labels }) =>
      labels.filter(({ assigned }, i) => assigned || i < MOST_LABELS).map(({ label }) => label),
  },
  ending: () => ({ kind: "sigmoid" }),
  samples: (texts) => [...texts],
  differences: (own, found) => labelDifferences(own.labels, found?.labels),
  ...severalLabels,
};

export const engine = {
  recipes: task.recipes,
  train: (order, run) => trainLinear(task, order, run),
  open: (dir, tokenizers) => openLinear(task, settingsSchema, dir, tokenizers),
  exportTo: (order) => exportLinear(task, settingsSchema, order),
} satisfies Engine<string, readonly string[], SeveralLabelsOutput>;

/** [rows, labels] of 0 and 1. */
function toMatrix(targets: readonly (readonly string[])[], numbers: ReadonlyMap<string, number>): Uint8Array {
  const matrix = new Uint8Array(targets.length * numbers.size);
  for (const [row, target] of targets.entries())
    for (const name of target) matrix[row * numbers.size + (numbers.get(name) ?? 0)] = 1;
  return matrix;
}

function judgeOf(names: readonly string[], targets: Uint8Array): Judge<SeveralLabelsSettings> {
  const labels = names.length;
  const objective: Objective = yesOrNo(targets, labels);
  const judged = (outputs: Float32Array, rows: readonly number[]): JudgedLabels => {
    const own = new Uint8Array(rows.length * labels);
    for (const [at, row] of rows.entries())
      own.set(targets.subarray(row * labels, (row + 1) * labels), at * labels);
    return { labels, targets: own, probabilities: outputs.map(sigmoid) };
  };
  const sums: Judge<SeveralLabelsSettings>["sums"] = (outputs, rows, { thresholds }) =>
    countLabels(judged(outputs, rows), () => thresholds);
  return {
    objective,
    strata: strataOf(targets, labels),
    metric: "micro_f1",
    sums,
    score: microF1,
    scores: (outputs, rows, settings) => ({
      macro_f1: { value: scoreOf(sums(outputs, rows, settings), macroF1) },
    }),
    settle: (outputs, rows) => ({ thresholds: [...chooseThresholds(judged(outputs, rows))] }),
    evaluate: (kind, outputs, rows, quoted, settingsOf, shown) =>
      evaluateLabels(
        kind,
        quoted,
        judged(outputs, rows),
        (place) => settingsOf(place).thresholds,
        shown.thresholds,
        names,
      ),
  };
}

/** Fewer rows of a stratum could not be spread over folds and test. */
const LEAST_STRATUM = 30;

/** A row belongs to its rarest label, so that rare ones are in every fold; what is too rare is one stratum together. */
function strataOf(targets: Uint8Array, labels: number): Judge<SeveralLabelsSettings>["strata"] {
  const rows = targets.length / labels;
  const frequency = new Int32Array(labels);
  for (let i = 0; i < targets.length; i++)
    frequency[i % labels] = (frequency[i % labels] as number) + (targets[i] as number);
  const byRarity = [...frequency.keys()].sort((a, b) => (frequency[a] as number) - (frequency[b] as number));
  const rarest = Int32Array.from({ length: rows }, (_, row) => {
    const found = byRarity.find((label) => targets[row * labels + label] === 1);
    return found ?? labels;
  });
  const sizes = new Int32Array(labels + 1);
  for (const one of rarest) sizes[one] = (sizes[one] as number) + 1;
  const large = [...sizes.keys()].filter((one) => (sizes[one] as number) >= LEAST_STRATUM);
  const place = new Map(large.map((one, i) => [one, i]));
  const rest = rarest.reduce((n, one) => n + (place.has(one) ? 0 : 1), 0);
  const isOwn = rest >= LEAST_STRATUM || large.length === 0;
  return {
    labels: rarest.map((one) => place.get(one) ?? (isOwn ? large.length : 0)),
    count: large.length + (isOwn ? 1 : 0),
  };
}
