import type { LabellingProgress } from "../contract";
import { assignFolds } from "../data/split";
import { takeDenseRows } from "../linear/matrix";
import type { LinearHead } from "../linear/softmax-head";
import { forecastAccuracy, LEAST_CURVE_ROWS, measureLearningCurve } from "../report/learning-curve";
import { accuracyOf, decide } from "../report/metrics";
import { chooseTemperature } from "../report/temperature";
import { Z95 } from "../report/wilson";
import { keptTexts } from "./pick";
import { answersBetween, fitAnswers, type Labelling, logitsOf } from "./rank";

const FOLDS = 5;
/** Folds of the learning curve; each costs as much again as cross-validation's own fold. */
const CURVE_FOLDS = [0, 1];
const SEED = 1;
/** With fewer judged texts the interval is wider than anything it could tell. */
export const LEAST_MEASURED = 30;
/** Labels to forecast for, as multiples of those of now. */
const MULTIPLES = [1.5, 2] as const;

/**
 * How good a head is on the answers that were kept from it: a uniform sample of all texts, and independent of what was
 * asked. Only those before `randomUpTo`, all of which have been settled: behind it an answer may be there for a reason.
 * @returns null accuracy with too few of them, and the temperature for the head's logits.
 */
export async function judgeHead(set: Labelling, head: LinearHead, randomUpTo: number) {
  const { rows, labels } = answersBetween(set, 0, Math.min(keptTexts(set.texts), randomUpTo));
  if (rows.length < LEAST_MEASURED) return { measuredOn: rows.length, accuracy: null, temperature: 1 };
  const logits = await logitsOf(head, takeDenseRows(set.x, rows));
  return {
    measuredOn: rows.length,
    accuracy: accuracyOf({ actual: labels, predicted: decide(logits, head.classes).predicted }),
    temperature: chooseTemperature(logits, labels, head.classes, false),
  };
}

/** What a person reads while labelling. @param hashes content hashes of all texts. */
export async function measureProgress(
  set: Labelling,
  head: LinearHead,
  hashes: readonly string[],
  randomUpTo: number,
  signal?: AbortSignal,
): Promise<{ progress: LabellingProgress; temperature: number }> {
  const { measuredOn, accuracy, temperature } = await judgeHead(set, head, randomUpTo);
  const { rows, labels } = answersBetween(set, 0, set.texts);
  const answer: Answer = async (train, held) => {
    const part = { rows: at(rows, train), labels: Int32Array.from(at([...labels], train)) };
    return logitsOf(await fitAnswers(set, part, { signal }), takeDenseRows(set.x, at(rows, held)));
  };
  const answers = { labels, hashes: at(hashes, rows), classes: head.classes };
  const more = accuracy ? await forecastMore(answers, accuracy, answer) : [];
  const progress = { labels: rows.length, measuredOn, leastMeasured: LEAST_MEASURED, accuracy, more };
  return { progress, temperature };
}

/** Class numbers and content hashes of all answers; a place is a number into these lists. */
interface Answers {
  labels: Int32Array;
  hashes: readonly string[];
  classes: number;
}
/** Logits of the answers at the held places by a head that was fitted on the others. */
type Answer = (train: readonly number[], held: readonly number[]) => Promise<Float32Array>;

/** Whether each answer was right by a head on the other folds. */
async function rightOutOfFold({ labels, classes }: Answers, folds: Int32Array, answer: Answer) {
  const isRight = [...labels].map(() => false);
  const places = [...labels.keys()];
  for (const fold of new Set(folds)) {
    const held = places.filter((place) => folds[place] === fold);
    const train = places.filter((place) => folds[place] !== fold);
    const { predicted } = decide(await answer(train, held), classes);
    for (const [i, place] of held.entries()) isRight[place] = predicted[i] === labels[place];
  }
  return isRight;
}

const at = <T>(list: readonly T[], places: readonly number[]) => places.map((place) => list[place] as T);

/**
 * The learning curve over all answers says what more of them bring; its level is that of the kept texts. Neither is
 * known: the interval has the half-widths of both in quadrature, as of errors that know nothing of each other.
 */
export async function forecastMore(
  all: Answers,
  now: { value: number; low: number; high: number },
  answer: Answer,
): Promise<LabellingProgress["more"]> {
  const { labels, hashes, classes } = all;
  if (labels.length < LEAST_CURVE_ROWS) return [];
  const folds = assignFolds(hashes, labels, classes, FOLDS, SEED);
  const measured = await measureLearningCurve(
    labels,
    folds,
    await rightOutOfFold(all, folds, answer),
    CURVE_FOLDS,
    SEED,
    async (train, held) => decide(await answer(train, held), classes).predicted,
  );
  const counts = [1, ...MULTIPLES].map((times) => Math.round(labels.length * times));
  const found = forecastAccuracy(measured, counts);
  if ("refusal" in found) return [];
  const [first, ...later] = found.forecasts;
  return later.map(({ rows, accuracy, low, high }) => {
    const value = Math.min(1, now.value + accuracy - (first?.accuracy ?? accuracy));
    const below = Math.hypot(now.value - now.low, CURVE_TO_95 * (accuracy - low));
    const above = Math.hypot(now.high - now.value, CURVE_TO_95 * (high - accuracy));
    return { labels: rows, value, low: Math.max(0, value - below), high: Math.min(1, value + above) };
  });
}

/** The curve tells where 90 % lie. */
const CURVE_TO_95 = Z95 / 1.644854;
