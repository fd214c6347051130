import type { Readings } from "../contract";
import { assignFolds } from "../data/split";
import type { Estimate } from "../evaluation";
import { concatenate } from "../linear/matrix";
import type { FitOptions, LabelRecipe, PreparedLabels } from "../recipes/label-recipe";
import { accuracyOf, decide, macroF1 } from "../report/metrics";
import { chooseTemperature } from "../report/temperature";
import type { Run } from "../task";
import { chooseReading, describeReadings } from "./choose-reading";
import { askInParts } from "./in-parts";
import { labelsOf, type Plan } from "./labels.rows";

/** A recipe with its predictions for rows that the predicting model had not seen. */
export interface Candidate<
  R extends LabelRecipe = LabelRecipe,
  Prepared extends PreparedLabels = PreparedLabels,
> {
  recipe: R;
  prepared: Prepared;
  /** [train rows, classes], in the order of `plan.train`. */
  logits: Float32Array;
  /** Fold number of each of those rows. */
  folds: Int32Array;
  temperature: number;
  isRight: boolean[];
  accuracy: Estimate;
  macroF1: number;
  seconds: number;
  /** Where there are several ways to read its models: how often each was right. */
  readings: Readings | null;
}

/** Out-of-fold predictions of one recipe over all training rows, by `k` models of k - 1 parts of them. */
export async function crossValidate<R extends LabelRecipe, Prepared extends PreparedLabels>(
  recipe: R,
  prepared: Prepared,
  plan: Plan,
  seed: number,
  run: Pick<Run, "signal">,
  onProgress: FitOptions["onProgress"],
  k = 5,
): Promise<Candidate<R, Prepared>> {
  const classes = plan.names.length;
  const started = performance.now();
  const hashes = plan.train.map((row) => plan.rows.hashes[row] ?? "");
  const labels = labelsOf(plan, plan.train);
  const empty = () => new Float32Array(plan.train.length * classes);
  /** One a reading of the model. */
  const read: Float32Array[] = [];
  const folds = assignFolds(hashes, labels, classes, k, seed);
  for (let fold = 0; fold < k; fold++) {
    const inside = [...plan.train.filter((_, i) => folds[i] !== fold), ...plan.taughtOnly];
    const held = plan.train.map((row, i) => ({ row, i })).filter(({ i }) => folds[i] === fold);
    // All rows of one text are in one fold: nothing is learnt from none, and their logits stay even.
    if (held.length === 0 || inside.length === 0) continue;
    const model = await prepared.fit(inside, labelsOf(plan, inside), classes, {
      seed,
      signal: run.signal,
      onProgress: (share, metrics) => onProgress((fold + share) / k, metrics),
    });
    const asked = held.map(({ row }) => row);
    const answers = await askInParts(
      prepared.readings?.(model) ?? [model],
      asked,
      run.signal,
      prepared.logits,
    );
    for (const [reading, parts] of answers.entries()) {
      const own = concatenate(parts);
      read[reading] ??= empty();
      for (const [at, { i }] of held.entries())
        read[reading]?.set(own.subarray(at * classes, (at + 1) * classes), i * classes);
    }
  }
  const isRight = read.map((own) => rightRows(own, labels, classes));
  const place = chooseReading(isRight, prepared.ways);
  prepared.keep?.(place);
  const rows = labels.length;
  const shares = isRight.map((own) => own.filter(Boolean).length / rows);
  const logits = read[place] ?? empty();
  const temperature = chooseTemperature(logits, labels, classes, recipe.isMargin);
  const { predicted } = decide(logits, classes);
  return {
    recipe,
    prepared,
    logits,
    folds,
    temperature,
    isRight: rightRows(logits, labels, classes),
    accuracy: accuracyOf({ actual: labels, predicted }),
    macroF1: macroF1({ actual: labels, predicted }, classes),
    seconds: (performance.now() - started) / 1000,
    readings: describeReadings(prepared.ways, { metric: "accuracy", values: shares, rows }, place),
  };
}

function rightRows(logits: Float32Array, labels: Int32Array, classes: number): boolean[] {
  const { predicted } = decide(logits, classes);
  return [...labels].map((label, i) => label === predicted[i]);
}
