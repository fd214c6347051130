import { expect, test } from "vitest";
import { contentHash } from "../data/split";
import { fromRows } from "../linear/matrix";
import { generator } from "../linear/svm";
import { interleave, pickInformative } from "./pick";
import { LEAST_MEASURED, measureProgress } from "./progress";
import { fitAnswers, type Labelling, rankTexts, taughtOf } from "./rank";

/** Points around one centre a class, some of them between two; the centres stand for the classes' names. */
const CLASSES = 3;
const random = generator(7);
const gauss = () => Array.from({ length: 12 }, () => random()).reduce((sum, one) => sum + one, -6);
const unit = (values: number[]) => {
  const length = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / length);
};
const centres = Array.from({ length: CLASSES }, (_, k) =>
  unit([0, 1, 2, 3, 4, 5].map((j) => (j % 3 === k ? 1 : 0))),
);
function worldOf(texts: number) {
  const truth = Array.from({ length: texts }, () => Math.floor(random() * CLASSES));
  const points = truth.map((k) => unit([...(centres[k] ?? [])].map((value) => value + 0.35 * gauss())));
  return {
    truth,
    x: fromRows([...points, ...centres]),
    hashes: truth.map((_, row) => contentHash(`text ${row}`)),
  };
}
const setOf = (x: Labelling["x"], texts: number, answers: Map<number, number>): Labelling => ({
  ...{ x, texts, classes: CLASSES, answers },
});
const none = () => false;

test("before the first answer the classes' names already tell texts apart better than chance", async () => {
  const { truth, x } = worldOf(300);
  const set = setOf(x, 300, new Map());
  const { labels } = await rankTexts(set, await fitAnswers(set, taughtOf(set)), 1, none, 10);
  const right = truth.filter((label, row) => labels[row] === label).length;
  expect(right / 300).toBeGreaterThan(0.7);
});

test("a text is asked about once, never one that is settled, and never more than are open", async () => {
  const { truth, x } = worldOf(60);
  const answers = new Map(truth.slice(0, 30).map((label, row) => [row, label]));
  const set = setOf(x, 60, answers);
  const head = await fitAnswers(set, taughtOf(set));
  const { picks } = await rankTexts(set, head, 1, (row) => answers.has(row) || row === 59, 100);
  const asked = picks.map(({ text }) => text);
  expect(asked.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 29 }, (_, row) => 30 + row));
  for (const { guesses } of picks) {
    expect(guesses).toHaveLength(3);
    expect(guesses.reduce((sum, { confidence }) => sum + confidence, 0)).toBeCloseTo(1, 4);
  }
});

test("of two texts that say the same in other words one is asked about first", () => {
  const [a, b] = [unit([1, 0.01]), unit([0, 1])];
  const x = fromRows([unit([1, 0]), a, b]);
  expect(pickInformative(x, Float32Array.from([0.1, 0.2, 0.3]), [0, 1, 2], 2)).toEqual([0, 2]);
});

test("every fourth text is the next one of the random order", () => {
  expect(interleave([9, 8, 7, 6, 5], [0, 1, 2, 3], 8)).toEqual([9, 8, 7, 0, 6, 5, 1, 2]);
  expect(interleave([3, 0], [0, 1], 8)).toEqual([3, 0, 1]);
});

test('"none of these" is learnt from its first example on', async () => {
  const { truth, x } = worldOf(90);
  const answers = new Map(truth.map((label, row) => [row, row % 9 === 0 ? CLASSES : label]));
  const set = setOf(x, 90, answers);
  expect((await fitAnswers(set, taughtOf(set))).classes).toBe(CLASSES + 1);
  expect((await fitAnswers(setOf(x, 90, new Map()), taughtOf(setOf(x, 90, new Map())))).classes).toBe(
    CLASSES,
  );
});

test("no accuracy is told from fewer than the least number of randomly drawn answers", async () => {
  const { truth, x, hashes } = worldOf(300);
  const answers = new Map(truth.slice(0, 200).map((label, row) => [row, label]));
  const set = setOf(x, 300, answers);
  const head = await fitAnswers(set, taughtOf(set));
  const { progress } = await measureProgress(set, head, hashes, LEAST_MEASURED - 1);
  expect(progress).toEqual({
    ...{ labels: 200, measuredOn: LEAST_MEASURED - 1, leastMeasured: LEAST_MEASURED },
    ...{ accuracy: null, more: [] },
  });
});

test("the accuracy that is told holds on texts that nobody was asked about", async () => {
  const { truth, x, hashes } = worldOf(2000);
  const answers = new Map<number, number>();
  for (let turn = 0; turn < 8; turn++) {
    const set = setOf(x, 2000, answers);
    const head = await fitAnswers(set, taughtOf(set));
    const { picks } = await rankTexts(set, head, 1, (text) => answers.has(text), 50);
    for (const { text } of picks) answers.set(text, truth[text] ?? 0);
  }
  const set = setOf(x, 2000, answers);
  const head = await fitAnswers(set, taughtOf(set));
  const { progress } = await measureProgress(set, head, hashes, 2000);
  expect(progress).toMatchObject({ labels: 400, measuredOn: 96 });
  // The kept texts that were not reached are as random as those that were.
  const { labels } = await rankTexts(set, head, 1, none, 1);
  const unseen = Array.from({ length: 404 }, (_, i) => 96 + i);
  const rest = unseen.filter((text) => labels[text] === truth[text]).length / unseen.length;
  expect(progress.accuracy?.low).toBeLessThan(rest);
  expect(progress.accuracy?.high).toBeGreaterThan(rest);
});

test("texts that are kept to measure on never teach", async () => {
  const { truth, x } = worldOf(100);
  const kept = new Map(truth.slice(0, 25).map((label, text) => [text, label]));
  expect(taughtOf(setOf(x, 100, kept)).rows).toEqual([]);
});
