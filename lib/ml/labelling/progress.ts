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
 * `randomUpTo`, all of which have been settled. The others always teach: every answer that is held back costs.
 * @param hashes content hashes of all texts. @returns the progress, and the temperature for the head's logits.
 */
export async function measureProgress(
  set: Labelling,
  hashes: readonly string[],
  randomUpTo: number,
  signal?: AbortSignal,
): Promise<{ progress: LabellingProgress; temperature: number }> {
  const { rows, labels } = taughtOf(set);
  const judged = [...rows.keys()].filter((place) => (rows[place] as number) < randomUpTo);
  const base = { labels: rows.length, measuredOn: judged.length, leastMeasured: LEAST_MEASURED };
  if (judged.length < LEAST_MEASURED || new Set(labels).size < 2)
    return { progress: { ...base, accuracy: null, more: [] }, temperature: 1 };
  const classes = classesOf(set);
  const answers = { labels, hashes: rows.map((row) => hashes[row] ?? ""), classes };
  const answer: Answer = async (train, held) => {
    const part = { rows: at(rows, train), labels: Int32Array.from(at([...labels], train)) };
    const head = await fitAnswers(set, part, { signal });
    return logitsOf(head, takeDenseRows(set.x, at(rows, held)));
  };
  const logits = await outOfFold(answers, judged, answer);
  const actual = Int32Array.from(judged, (place) => labels[place] as number);
  const accuracy = accuracyOf({ actual, predicted: decide(logits, classes).predicted });
  return {
    progress: { ...base, accuracy, more: await forecast(answers, accuracy, answer) },
    temperature: chooseTemperature(logits, actual, classes, false),
  };
}

/** Class numbers and content hashes of all answers; a place is a number into these lists. */
interface Answers {
  labels: Int32Array;
  hashes: readonly string[];
  classes: number;
}
/** Logits of the answers at the held places by a head that was fitted on the others. */
type Answer = (train: readonly number[], held: readonly number[]) => Promise<Float32Array>;

const foldsOf = ({ labels, hashes, classes }: Answers, places: readonly number[]) =>
  assignFolds(at(hashes, places), Int32Array.from(at([...labels], places)), classes, FOLDS, SEED);

/** Logits [judged, classes], each row by a head on all answers but those of its fold and their like. */
async function outOfFold(all: Answers, judged: readonly number[], answer: Answer): Promise<Float32Array> {
  const folds = foldsOf(all, judged);
  const logits = new Float32Array(judged.length * all.classes);
  for (const fold of new Set(folds)) {
    const own = [...judged.keys()].filter((i) => folds[i] === fold);
    const held = at(judged, own);
    const isHeld = new Set(at(all.hashes, held));
    const train = [...all.labels.keys()].filter((place) => !isHeld.has(all.hashes[place] ?? ""));
    const found = await answer(train, held);
    for (const [k, i] of own.entries())
      logits.set(found.subarray(k * all.classes, (k + 1) * all.classes), i * all.classes);
  }
  return logits;
}

const at = <T>(list: readonly T[], places: readonly number[]) => places.map((place) => list[place] as T);

/** The learning curve over all answers says what more of them bring; its level is that of the judged texts. */
async function forecast(
  all: Answers,
  now: { value: number; low: number; high: number },
  answer: Answer,
): Promise<LabellingProgress["more"]> {
  const { labels, classes } = all;
  if (labels.length < LEAST_CURVE_ROWS) return [];
  const every = [...labels.keys()];
  const { predicted } = decide(await outOfFold(all, every, answer), classes);
  const isRight = every.map((place) => predicted[place] === labels[place]);
  const measured = await measureLearningCurve(
    labels,
    foldsOf(all, every),
    isRight,
    CURVE_FOLDS,
    SEED,
    async (train, held) => decide(await answer(train, held), classes).predicted,
  );
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
