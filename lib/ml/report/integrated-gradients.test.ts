import { memory } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Encoder } from "../base/encoder";
import { createLora } from "../base/lora-shape";
import { openGoldenEncoder } from "../golden.fixture";
import { generator } from "../linear/svm";
import { type GradientOrder, integrateGradients } from "./integrated-gradients";

let encoder: Encoder;
let remove: () => void;
beforeAll(async () => {
  ({ encoder, remove } = await openGoldenEncoder());
});
afterAll(() => remove());

const random = generator(3);
const numbers = (length: number, scale = 1) => Float32Array.from({ length }, () => scale * (random() - 0.5));
const order = (fields: Partial<GradientOrder> = {}): GradientOrder => ({
  ids: Int32Array.from([1, 5, 9, 14, 7, 2]),
  adapter: null,
  head: { inputs: 8, classes: 3, weights: numbers(24, 8), bias: numbers(3) },
  temperature: 0.7,
  beside: new Float32Array(3),
  labels: [0, 1, 2],
  ...fields,
});
const total = (values: Float32Array) => values.reduce((a, b) => a + b, 0);

test("tokens and what counts beside them add up to the difference, for every label", () => {
  const lora = createLora(
    encoder.config,
    { rank: 2, alpha: 4, targets: ["query", "value"], fromLayer: 0 },
    5,
  );
  for (const pair of lora.pairs) for (let i = 0; i < pair.b.length; i++) pair.b[i] = Math.sin(i) / 4;
  // 2 layers, 8 wide with a middle of 32.
  const change = numbers(2 * (4 * 64 + 2 * 8 * 32), 0.5);
  const whole = order({ change });
  expect(integrateGradients(encoder, whole)[0]?.whole).not.toBeCloseTo(
    integrateGradients(encoder, { ...whole, change: undefined })[0]?.whole ?? 0,
    2,
  );
  for (const asked of [order(), order({ beside: numbers(3, 4) }), order({ adapter: lora }), whole])
    for (const found of integrateGradients(encoder, asked)) {
      const beside = found.classes.map((one, c) => one * (asked.beside[c] ?? 0));
      const difference = found.whole - found.baseline;
      expect(Math.abs(total(found.tokens) + total(beside) - difference)).toBeLessThan(
        0.01 * Math.max(1, Math.abs(difference)) + 1e-3,
      );
    }
});

test("what is linear is exact: without an encoder's part, a logit adds as much as it is", () => {
  const asked = order({
    head: { inputs: 8, classes: 2, weights: new Float32Array(16), bias: new Float32Array(2) },
    beside: Float32Array.from([3, -1]),
    labels: [0],
    temperature: 2,
  });
  const [found] = integrateGradients(encoder, asked);
  // Two classes: the log-odds are the difference of the logits.
  expect(found?.whole).toBeCloseTo(2, 5);
  expect(found?.baseline).toBeCloseTo(0, 5);
  expect([...(found?.classes ?? [])]).toEqual([0.5, -0.5].map((one) => expect.closeTo(one, 5)));
  expect(total(found?.tokens ?? new Float32Array(0))).toBeCloseTo(0, 5);
});

test("special tokens and padding add nothing, and no tensor stays behind", () => {
  const before = memory().numTensors;
  const [found] = integrateGradients(encoder, order({ ids: Int32Array.from([1, 5, 0, 9, 2]) }));
  const [first, , padded, , last] = found?.tokens ?? [];
  expect([first, padded, last]).toEqual([0, 0, 0]);
  expect(memory().numTensors).toBe(before);
});
