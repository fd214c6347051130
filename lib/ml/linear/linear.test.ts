import { expect, test } from "vitest";
import { countNgrams, fitVocabulary, vectorise } from "../data/features";
import { minimise } from "./lbfgs";
import { denseLogits, fitSoftmaxHead, toProbabilities } from "./softmax-head";
import { fitSvm, generator, sparseLogits } from "./svm";

test("L-BFGS finds the minimum of the Rosenbrock function", () => {
  const x = Float64Array.of(-1.2, 1);
  minimise(
    (p, gradient) => {
      const [a, b] = [p[0] ?? 0, p[1] ?? 0];
      gradient[0] = -2 * (1 - a) - 400 * a * (b - a * a);
      gradient[1] = 200 * (b - a * a);
      return (1 - a) ** 2 + 100 * (b - a * a) ** 2;
    },
    x,
    { maxIterations: 200, tolerance: 1e-8 },
  );
  expect(x[0]).toBeCloseTo(1, 4);
  expect(x[1]).toBeCloseTo(1, 4);
});

/** Three noisy blobs in 10 dimensions. */
function blobs(n: number, seed: number) {
  const random = generator(seed);
  const labels = Int32Array.from({ length: n }, (_, i) => i % 3);
  const values = new Float32Array(n * 10);
  for (let row = 0; row < n; row++)
    for (let j = 0; j < 10; j++)
      values[row * 10 + j] = random() + random() - 1 + (j % 3 === labels[row] ? 0.5 : 0);
  return { x: { rows: n, columns: 10, values }, labels };
}

test("the softmax head stands where its gradient is zero", async () => {
  const { x, labels } = blobs(300, 3);
  const head = await fitSoftmaxHead(x, labels, 3, { c: 1, maxIterations: 500 });
  const p = toProbabilities(denseLogits(head, x), 3, 1);
  // Stationarity of C·Σ loss + ½‖W‖²: Xᵀ(P − Y) + W / C = 0.
  for (let j = 0; j < 10; j++)
    for (let k = 0; k < 3; k++) {
      let sum = head.weights[j * 3 + k] ?? 0;
      for (let row = 0; row < 300; row++)
        sum += (x.values[row * 10 + j] ?? 0) * ((p[row * 3 + k] ?? 0) - (labels[row] === k ? 1 : 0));
      expect(Math.abs(sum) / 300).toBeLessThan(1e-3);
    }
});

test("the same seed gives the same machine, and an aborted fit stops", () => {
  const texts = Array.from({ length: 60 }, (_, i) => `${i % 2 ? "refund money" : "lost parcel"} number ${i}`);
  const counted = texts.map(countNgrams);
  const x = vectorise(fitVocabulary(counted), counted);
  const labels = Int32Array.from(texts, (_, i) => i % 2);
  const [one, two] = [1, 1].map((seed) => fitSvm(x, labels, 2, { c: 1, seed }));
  expect(one?.weights).toEqual(two?.weights);
  const logits = sparseLogits(
    one ?? { inputs: 0, classes: 2, weights: new Float32Array(), bias: new Float32Array() },
    x,
  );
  for (const [row, label] of labels.entries())
    expect((logits[row * 2 + 1] ?? 0) > (logits[row * 2] ?? 0) ? 1 : 0).toBe(label);
  expect(() => fitSvm(x, labels, 2, { c: 1, seed: 1, signal: AbortSignal.abort() })).toThrow();
});
