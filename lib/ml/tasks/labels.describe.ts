import type { LearningCurve, ModelReport } from "../contract";
import { countLeaked } from "../data/compare";
import type { LabelsEvaluation } from "../evaluation";
import { concatenate } from "../linear/matrix";
import { toProbabilities } from "../linear/softmax-head";
import { chooseThresholds } from "../report/abstention";
import { findLabelIssues } from "../report/label-issues";
import {
  classGains,
  forecastAccuracy,
  LEAST_CURVE_ROWS,
  measureLearningCurve,
  pointsOf,
  SHARES,
} from "../report/learning-curve";
import { decide } from "../report/metrics";
import type { Run } from "../task";
import { askOne } from "./in-parts";
import type { Candidate } from "./labels.compare";
import { labelsOf, type Plan, quote, taughtRows } from "./labels.rows";

type Described = Required<Pick<ModelReport, "labelIssues" | "learningCurve" | "abstention" | "leakage">>;

const SHOWN_ISSUES = 200;
const SHOWN_CLASSES = 10;
/** What the curve may add to a training; one fold that takes over thrice of it is too dear. */
const CURVE_SECONDS = 20;

/** What a report says beside the measured figures, from the out-of-fold answers that are there already. */
export async function describeModel(
  candidate: Candidate,
  others: readonly Candidate[],
  plan: Plan,
  selective: LabelsEvaluation["selective"],
  /** That people labelled. */
  rowsTaught: number,
  seed: number,
  run: Run,
): Promise<Described> {
  // With a split of our own the selective curve is over the out-of-fold rows and the test rows together.
  const isJoined = plan.testHashes.length > 0 || plan.test.length === 0;
  const judged = plan.test.length + (isJoined ? plan.train.length : 0);
  return {
    labelIssues: describeIssues(candidate, plan),
    learningCurve: await describeCurve(candidate, others, plan, rowsTaught, seed, run),
    abstention: chooseThresholds(selective, judged),
    leakage: countLeaked(plan.isTable ? plan.rows.hashes : plan.rows.texts, {
      train: taughtRows(plan),
      test: plan.test,
    }),
  };
}

function describeIssues(candidate: Candidate, plan: Plan): Described["labelIssues"] {
  const classes = plan.names.length;
  const probabilities = toProbabilities(candidate.logits, classes, candidate.temperature);
  const issues = findLabelIssues(probabilities, labelsOf(plan, plan.train), classes);
  return {
    count: issues.length,
    rows: issues.slice(0, SHOWN_ISSUES).map(({ row, given, suggested, score }) => ({
      ...quote(plan, plan.train[row] ?? -1),
      given: plan.names[given] ?? "",
      suggested: plan.names[suggested] ?? "",
      score,
    })),
  };
}

const countFolds = ({ folds }: Candidate): number => 1 + folds.reduce((a, b) => Math.max(a, b), 0);

/** What one fit of a fold takes at all of the curve's sizes. */
const curveSeconds = (one: Candidate): number =>
  (one.seconds / countFolds(one)) * SHARES.reduce((a, b) => a + b, 0);

/** The curve of the chosen recipe, or of the best other one that is quick enough to be fitted again and again. */
async function describeCurve(
  chosen: Candidate,
  others: readonly Candidate[],
  plan: Plan,
  rowsTaught: number,
  seed: number,
  run: Run,
): Promise<LearningCurve> {
  if (plan.train.length < LEAST_CURVE_ROWS) return { status: "refused", reason: "too_few_rows", points: [] };
  const byAccuracy = others.toSorted((a, b) => b.accuracy.value - a.accuracy.value);
  const candidate = [chosen, ...byAccuracy].find((one) => curveSeconds(one) <= 3 * CURVE_SECONDS);
  if (!candidate) return { status: "refused", reason: "too_slow", points: [] };
  const of = candidate === chosen ? {} : { of: candidate.recipe.id };
  const labels = labelsOf(plan, plan.train);
  const inTime = Math.floor(CURVE_SECONDS / curveSeconds(candidate));
  const used = Array.from({ length: Math.max(1, Math.min(countFolds(candidate), inTime)) }, (_, i) => i);
  const rowsAt = (places: readonly number[]) => places.map((i) => plan.train[i] ?? 0);
  const answer = async (train: readonly number[], held: readonly number[]) => {
    // What a model labelled is behind every point, as it is behind the folds: the curve is of people's labels.
    const rows = [...rowsAt(train), ...plan.taughtOnly];
    const model = await candidate.prepared.fit(rows, labelsOf(plan, rows), plan.names.length, {
      seed,
      signal: run.signal,
      onProgress: () => {},
    });
    const logits = await askOne(model, rowsAt(held), run.signal, candidate.prepared.logits);
    return decide(concatenate(logits), plan.names.length).predicted;
  };
  const measured = await measureLearningCurve(labels, candidate.folds, candidate.isRight, used, seed, answer);
  const first = measured.sizes[0] ?? 1;
  const steps = Array.from({ length: 12 }, (_, i) =>
    Math.round(first * ((2 * rowsTaught) / first) ** (i / 11)),
  );
  const found = forecastAccuracy(measured, [rowsTaught, 2 * rowsTaught, ...steps]);
  const points = pointsOf(measured);
  if ("refusal" in found) return { status: "refused", ...of, reason: found.refusal, points };
  const [now, twice, ...curve] = found.forecasts;
  if (!now || !twice) throw new Error("a forecast is missing");
  const rowsOf = (label: number) => labels.reduce((sum, one) => sum + Number(one === label), 0);
  const classes = classGains(measured)
    .slice(0, SHOWN_CLASSES)
    .map(({ label, before, after }) => ({
      label: plan.names[label] ?? "",
      rows: rowsOf(label),
      before,
      after,
    }));
  return { status: "given", ...of, points, curve, now, twice, classes };
}
