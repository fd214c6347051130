import { expect, test } from "vitest";
import { type Csr, countNgrams, fitVocabulary, vectorise } from "../data/features";
import type { Dense } from "./matrix";
import { addNgramLogits, packNgrams } from "./ngram-block";
import { toRowSpace } from "./row-space";
import { denseLogits, fitSoftmaxHead } from "./softmax-head";
import { addSparseTimes, addTransposedTimes, fromStriped } from "./sparse-product";
import { generator, sparseLogits } from "./svm";
import { fitWideHead } from "./wide-head";

const random = generator(7);
const WORDS = ["refund", "parcel", "login", "password", "late", "money", "card", "please", "help", "today"];
const textOf = (label: number) =>
  Array.from(
    { length: 6 },
    () => WORDS[(label * 3 + Math.floor(random() * random() * 10)) % WORDS.length],
  ).join(" ");

/** Rows of texts beside 8 noisy dense columns. */
function rowsOf(n: number, classes: number) {
  const labels = Int32Array.from({ length: n }, (_, i) => i % classes);
  const counted = Array.from(labels, (label) => countNgrams(textOf(label)));
  const vocabulary = fitVocabulary(counted, 200);
  const values = Float32Array.from({ length: n * 8 }, (_, i) => {
    const label = labels[Math.floor(i / 8)] as number;
    return (random() - 0.5 + (i % 8 === label % 8 ? 0.5 : 0)) / 2;
  });
  const x: Dense = { rows: n, columns: 8, values };
  return { x, labels, counted, vocabulary, s: vectorise(vocabulary, counted) };
}

/** The joint matrix [x, scale · s], which the product never builds. */
function joined(x: Dense, s: Csr, scale: number): Dense {
  const columns = x.columns + s.columns;
  const values = new Float32Array(x.rows * columns);
  for (let row = 0; row < x.rows; row++) {
    values.set(x.values.subarray(row * x.columns, (row + 1) * x.columns), row * columns);
    for (let at = s.starts[row] as number; at < (s.starts[row + 1] as number); at++)
      values[row * columns + x.columns + (s.indices[at] as number)] = scale * (s.values[at] as number);
  }
  return { rows: x.rows, columns, values };
}

test.each([1, 2, 7, 8, 9, 19])("striped products over %i classes are the plain ones", (classes) => {
  const { s } = rowsOf(40, 3);
  const striped = Float64Array.from({ length: s.columns * classes }, () => random() - 0.5);
  const plain = fromStriped(striped, s.columns, classes);
  const out = new Float32Array(s.rows * classes);
  addSparseTimes(s, striped, out, classes);
  const head = { inputs: s.columns, classes, weights: plain, bias: new Float32Array(classes) };
  const expected = sparseLogits(head, s);
  for (const [i, value] of out.entries()) expect(value).toBeCloseTo(expected[i] ?? 0, 4);
  const back = new Float64Array(plain.length);
  addTransposedTimes(s, out, 0.5, back, classes);
  const dense = joined({ rows: s.rows, columns: 0, values: new Float32Array() }, s, 1);
  const got = fromStriped(back, s.columns, classes);
  for (let j = 0; j < s.columns; j += 13)
    for (let k = 0; k < classes; k++) {
      let sum = 0;
      for (let row = 0; row < s.rows; row++)
        sum += 0.5 * (dense.values[row * s.columns + j] as number) * (out[row * classes + k] as number);
      expect(got[j * classes + k]).toBeCloseTo(sum, 4);
    }
});

test.each([90, 1600])("%i rows: one head over both blocks is the head over the joint matrix", async (n) => {
  const { x, s, labels } = rowsOf(n, 3);
  const options = { c: 10, maxIterations: 400, tolerance: 1e-6 };
  const wide = await fitWideHead(x, s, 0.6, labels, 3, options);
  const whole = await fitSoftmaxHead(joined(x, s, 0.6), labels, 3, options);
  const own = denseLogits(wide.dense, x);
  const words = sparseLogits(
    { inputs: s.columns, classes: 3, weights: wide.sparse, bias: new Float32Array(3) },
    s,
  );
  const expected = denseLogits(whole, joined(x, s, 0.6));
  let [sum, most] = [0, 0];
  for (const [i, value] of expected.entries()) {
    const difference = Math.abs((own[i] ?? 0) + (words[i] ?? 0) - value);
    sum += difference / expected.length;
    most = Math.max(most, difference);
  }
  expect(sum).toBeLessThan(0.01);
  expect(most).toBeLessThan(0.1);
});

test("rows that are all the same have a row space", () => {
  const x: Dense = { rows: 30, columns: 4, values: new Float32Array(120).fill(0.5) };
  const counted = Array.from({ length: 30 }, () => countNgrams("the very same text"));
  const space = toRowSpace(x, vectorise(fitVocabulary(counted), counted), 1);
  const { dense, sparse } = space.back(new Float32Array(60).fill(0.1), 2);
  for (const value of [...space.rows.values, ...dense, ...sparse]) expect(Number.isFinite(value)).toBe(true);
});

test("an int8 block answers as its float weights within a hundredth of their range", async () => {
  const { x, s, labels, vocabulary, counted } = rowsOf(300, 3);
  const { sparse } = await fitWideHead(x, s, 1, labels, 3, { c: 10 });
  const expected = sparseLogits(
    { inputs: s.columns, classes: 3, weights: sparse, bias: new Float32Array(3) },
    s,
  );
  const logits = new Float32Array(900);
  addNgramLogits(packNgrams(vocabulary, sparse, 3), counted, logits);
  const range = Math.max(...expected) - Math.min(...expected);
  for (const [i, value] of logits.entries())
    expect(Math.abs(value - (expected[i] ?? 0))).toBeLessThan(range / 100);
});
