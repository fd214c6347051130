import { add, tensor1d, tensor2d, tidy } from "@tensorflow/tfjs-core";
import { openBackend } from "../backend";
import { type Dense, holdMatrix, takeDenseRows } from "../linear/matrix";
import { fitSoftmaxHead, type LinearHead, toProbabilities } from "../linear/softmax-head";
import type { Part } from "../recipes/choice";
import { areNamesWorthTrying, withNames } from "../recipes/class-names";
import { decide } from "../report/metrics";
import { interleave, keptTexts, pickInformative } from "./pick";

/** The strength that the head recipe chooses most of the time on unit-length embeddings of this base. */
const C = 10;
const MAX_ITERATIONS = 100;

/** A set that is being labelled. */
export interface Labelling {
  /** Embeddings [texts + classes, hidden]: of the texts in random order, then of the classes' names. */
  x: Dense;
  texts: number;
  /** Named classes; the class number behind the last one says "none of these". */
  classes: number;
  /** Text number to class number. */
  answers: ReadonlyMap<number, number>;
}

/** Texts with an answer, ascending, and their class numbers; those from one place on, before another. */
export function answersBetween({ answers }: Labelling, from: number, to: number): Part {
  const own = [...answers].filter(([text]) => text >= from && text < to).sort((a, b) => a[0] - b[0]);
  return { rows: own.map(([text]) => text), labels: Int32Array.from(own, ([, label]) => label) };
}

/** The answers that teach: of all texts but those that are kept to measure on. */
export const taughtOf = (set: Labelling): Part => answersBetween(set, keptTexts(set.texts), set.texts);

/** "None of these" is a class from its first example on: nothing is known about it before. */
const classesOf = ({ classes, answers }: Labelling) =>
  [...answers.values()].includes(classes) ? classes + 1 : classes;

/**
 * A softmax head on answers. The classes' names are examples too while there are few others, so it says something
 * before the first answer. @param start a solution for other answers of the same set: it saves most of the work.
 */
export function fitAnswers(
  set: Labelling,
  part: Part,
  options: { start?: LinearHead | undefined; signal?: AbortSignal | undefined } = {},
): Promise<LinearHead> {
  const classes = classesOf(set);
  const names = Array.from({ length: set.classes }, () => "");
  const doNamesCount = areNamesWorthTrying(part.rows.length, names);
  const { rows, labels } = withNames(part, set.classes, set.texts, doNamesCount);
  const { start, signal } = options;
  return fitSoftmaxHead(takeDenseRows(set.x, rows), labels, classes, {
    c: C,
    maxIterations: MAX_ITERATIONS,
    ...(start?.classes === classes && start.inputs === set.x.columns ? { start } : {}),
    ...(signal ? { signal } : {}),
  });
}

/** Logits [rows, classes] by TensorFlow: a set has tens of thousands of rows. */
export async function logitsOf(head: LinearHead, x: Dense): Promise<Float32Array> {
  const held = holdMatrix(x, await openBackend());
  let logits = new Float32Array(0);
  tidy(() => {
    const weights = tensor2d(head.weights, [head.inputs, head.classes]);
    logits = add(held.times(weights), tensor1d(head.bias)).dataSync() as Float32Array<ArrayBuffer>;
  });
  held.dispose();
  return logits;
}

/** Probability of the likeliest class minus that of the second, of each row of [rows, classes]. */
function marginsOf(probabilities: Float32Array, classes: number): Float32Array {
  const margins = new Float32Array(probabilities.length / classes);
  for (let row = 0; row < margins.length; row++) {
    let [first, second] = [0, 0];
    for (let k = 0; k < classes; k++) {
      const p = probabilities[row * classes + k] as number;
      if (p > first) [first, second] = [p, first];
      else if (p > second) second = p;
    }
    margins[row] = first - second;
  }
  return margins;
}

const SHOWN_GUESSES = 3;

export interface Ranking {
  /** Texts to ask about, the next one first, each with the likeliest classes. */
  picks: { text: number; guesses: { label: number; confidence: number }[] }[];
  /** The likeliest class of every text and its probability. */
  labels: Int32Array;
  confidences: Float64Array;
}

/** What a head thinks of every text, and which texts a person is asked about next. */
export async function rankTexts(
  set: Labelling,
  head: LinearHead,
  temperature: number,
  /** Texts that are not asked about now: they have an answer, or were skipped. */
  isSettled: (text: number) => boolean,
  wanted: number,
): Promise<Ranking> {
  const { classes } = head;
  const every = Array.from({ length: set.texts }, (_, text) => text);
  const texts = { ...set.x, rows: set.texts, values: set.x.values.subarray(0, set.texts * set.x.columns) };
  const probabilities = toProbabilities(await logitsOf(head, texts), classes, temperature);
  const { predicted, confidence } = decide(probabilities, classes);
  const open = every.filter((text) => !isSettled(text));
  const kept = keptTexts(set.texts);
  const others = open.filter((text) => text >= kept);
  const teaching = pickInformative(texts, marginsOf(probabilities, classes), others, wanted);
  const measuring = open.filter((text) => text < kept);
  const picks = interleave(teaching, measuring, wanted).map((text) => ({
    text,
    guesses: [...probabilities.subarray(text * classes, (text + 1) * classes)]
      .map((p, label) => ({ label, confidence: p }))
      .sort((a, b) => b.confidence - a.confidence)
      .slice(0, SHOWN_GUESSES),
  }));
  return { picks, labels: predicted, confidences: confidence };
}
