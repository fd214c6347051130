import type { LabelsEvaluation } from "../evaluation";
import { concatenate } from "../linear/matrix";
import { toProbabilities } from "../linear/softmax-head";
import type { FitOptions, LabelRecipe, PreparedLabels } from "../recipes/label-recipe";
import { describeCalibration } from "../report/calibration";
import { decide, evaluate, selectiveCurve } from "../report/metrics";
import type { Run, TrainOrder } from "../task";
import { askOne } from "./in-parts";
import type { Candidate } from "./labels.compare";
import { labelsOf, type Plan, quote, taughtRows } from "./labels.rows";

/** A candidate whose fits give such models. */
export type CandidateOf<Model> = Candidate<LabelRecipe, PreparedLabels<Model>>;

export const fitModel = <Model>(
  candidate: CandidateOf<Model>,
  plan: Plan,
  rows: readonly number[],
  order: TrainOrder,
  run: Run,
  onProgress: FitOptions["onProgress"] = () => {},
): Promise<Model> =>
  candidate.prepared.fit(rows, labelsOf(plan, rows), plan.names.length, {
    seed: order.seed,
    signal: run.signal,
    onProgress,
  });

interface Measured<Model> {
  evaluation: LabelsEvaluation;
  /** The model that was measured; null when the figures come from the folds. */
  model: Model | null;
}

/** On the frozen test rows, by a model fitted on the others; without test rows, from the out-of-fold answers. */
export async function measure<Model>(
  candidate: CandidateOf<Model>,
  plan: Plan,
  order: TrainOrder,
  run: Run,
): Promise<Measured<Model>> {
  const quoted = (rows: readonly number[]) => rows.map((row) => quote(plan, row));
  const classes = plan.names.length;
  if (plan.test.length === 0) {
    const probabilities = toProbabilities(candidate.logits, classes, candidate.temperature);
    const actual = labelsOf(plan, plan.train);
    const evaluation = evaluate("cross_validated", quoted(plan.train), actual, probabilities, plan.names);
    evaluation.calibration = describeCalibration(candidate.logits, actual, classes, candidate.temperature);
    return { evaluation, model: null };
  }
  const model = await fitModel(candidate, plan, taughtRows(plan), order, run);
  const logits = concatenate(await askOne(model, plan.test, run.signal, candidate.prepared.logits));
  const probabilities = toProbabilities(logits, classes, candidate.temperature);
  const actual = labelsOf(plan, plan.test);
  const evaluation = evaluate("test", quoted(plan.test), actual, probabilities, plan.names);
  evaluation.calibration = describeCalibration(logits, actual, classes, candidate.temperature);
  // A threshold needs many rows. Rows judged out of fold are unseen too, so they count beside a split of ours;
  // against a file that the customer named, that file alone counts.
  if (order.validationRowsPath === null)
    evaluation.selective = selectiveOver(
      [
        {
          probabilities: toProbabilities(candidate.logits, classes, candidate.temperature),
          rows: plan.train,
        },
        { probabilities, rows: plan.test },
      ],
      plan,
    );
  return { evaluation, model };
}

/** The selective curve over several sets of judged rows. */
function selectiveOver(
  parts: readonly { probabilities: Float32Array; rows: readonly number[] }[],
  plan: Plan,
) {
  const judged = parts.map(({ probabilities, rows }) => ({
    ...decide(probabilities, plan.names.length),
    actual: labelsOf(plan, rows),
  }));
  const confidence = Float64Array.from(judged.flatMap((one) => [...one.confidence]));
  const isRight = judged.flatMap((one) => [...one.actual].map((label, i) => label === one.predicted[i]));
  return selectiveCurve(confidence, isRight);
}
