import type { LabellingProgress } from "../contract";
import { assignFolds } from "../data/split";
import { takeDenseRows } from "../linear/matrix";
import { forecastAccuracy, LEAST_CURVE_ROWS, measureLearningCurve } from "../report/learning-curve";
import { accuracyOf, decide } from "../report/metrics";
import { chooseTemperature } from "../report/temperature";
import { classesOf, fitAnswers, type Labelling, logitsOf, taughtOf } from "./rank";

const FOLDS = 5;
/** Folds of the learning curve; each costs as much again as cross-validation's own fold. */
const CURVE_FOLDS = [0, 1];
const SEED = 1;
/** With fewer judged texts the interval is wider than anything it could tell. */
export const LEAST_MEASURED = 30;
/** Labels to forecast for, as multiples of those of now. */
const MULTIPLES = [1.5, 2] as const;

/**
 * How good a head on the answers is, on answers that it has not seen. Texts that were picked because they are hard
 * would make it look worse than it is, so only those are judged that a random order brings up: the texts before
 * `randomUpTo`, all of which have been settled.
 * @param hashes content hashes of all texts. @returns the progress, and the temperature for the head's logits.
 */
export async function measureProgress(
  set: Labelling,
  hashes: readonly string[],
  randomUpTo: number,
  signal?: AbortSignal,
): Promise<{ progress: LabellingProgress; temperature: number }> {
  const { rows, labels } = taughtOf(set);
  const isJudged = rows.map((row) => row < randomUpTo);
  const measuredOn = isJudged.filter(Boolean).length;
  const base = { labels: rows.length, measuredOn, leastMeasured: LEAST_MEASURED };
  if (measuredOn < LEAST_MEASURED || new Set(labels).size < 2)
    return { progress: { ...base, accuracy: null, more: [] }, temperature: 1 };
  const classes = classesOf(set);
  const folds = assignFolds(
    rows.map((row) => hashes[row] ?? ""),
    labels,
    classes,
    FOLDS,
    SEED,
  );
  const answer: Answer = async (train, held) => {
    const part = { rows: at(rows, train), labels: Int32Array.from(at([...labels], train)) };
    const head = await fitAnswers(set, part, { signal });
    return logitsOf(head, takeDenseRows(set.x, at(rows, held)));
  };
  const logits = await outOfFold(folds, classes, answer);
  const { predicted } = decide(logits, classes);
  const judged = [...rows.keys()].filter((place) => isJudged[place]);
  const accuracy = accuracyOf({
    actual: Int32Array.from(judged, (place) => labels[place] as number),
    predicted: Int32Array.from(judged, (place) => predicted[place] as number),
  });
  const isRight = [...labels].map((label, place) => predicted[place] === label);
  const more = await forecast(
    labels,
    folds,
    isRight,
    accuracy,
    async (train, held) => decide(await answer(train, held), classes).predicted,
  );
  return {
    progress: { ...base, accuracy, more },
    temperature: chooseTemperature(logits, labels, classes, false),
  };
}

/** Logits of held answers by a head that was fitted on others; both are places in the list of answers. */
type Answer = (train: readonly number[], held: readonly number[]) => Promise<Float32Array>;

/** Logits [answers, classes], each row by a head that has not seen it. */
async function outOfFold(folds: Int32Array, classes: number, answer: Answer): Promise<Float32Array> {
  const logits = new Float32Array(folds.length * classes);
  const places = [...folds.keys()];
  for (const fold of new Set(folds)) {
    const held = places.filter((place) => folds[place] === fold);
    const own = await answer(
      places.filter((place) => folds[place] !== fold),
      held,
    );
    for (const [i, place] of held.entries())
      logits.set(own.subarray(i * classes, (i + 1) * classes), place * classes);
  }
  return logits;
}

const at = <T>(list: readonly T[], places: readonly number[]) => places.map((place) => list[place] as T);

/** The learning curve over all answers says what more of them bring; its level is that of the judged texts. */
async function forecast(
  labels: Int32Array,
  folds: Int32Array,
  isRight: readonly boolean[],
  now: { value: number; low: number; high: number },
  answer: (train: readonly number[], held: readonly number[]) => Promise<Int32Array>,
): Promise<LabellingProgress["more"]> {
  if (labels.length < LEAST_CURVE_ROWS) return [];
  const measured = await measureLearningCurve(labels, folds, isRight, CURVE_FOLDS, SEED, answer);
  const counts = [1, ...MULTIPLES].map((times) => Math.round(labels.length * times));
  const found = forecastAccuracy(measured, counts);
  if ("refusal" in found) return [];
  const [first, ...later] = found.forecasts;
  return later.map(({ rows, accuracy }) => {
    const gain = accuracy - (first?.accuracy ?? accuracy);
    const shift = (value: number) => Math.min(1, value + gain);
    return { labels: rows, value: shift(now.value), low: shift(now.low), high: shift(now.high) };
  });
}
