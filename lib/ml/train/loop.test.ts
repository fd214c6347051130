import { createHash } from "node:crypto";
import {
  matMul,
  mean,
  memory,
  reshape,
  type Scalar,
  sqrt,
  squaredDifference,
  sum,
  tensor1d,
  tensor2d,
  variable,
} from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Encoder } from "../base/encoder";
import { embedChanged, embedTuned, embedWith } from "../base/tuned-vectors";
import { strongestOf } from "../base/whole-shape";
import { NO_AUGMENTATION } from "../data/augment";
import { openGoldenEncoder } from "../golden.fixture";
import type { LinearHead } from "../linear/softmax-head";
import { batchesOf, pairedBatches, partsOf } from "./batches";
import { packSnapshot, unpackSnapshot } from "./checkpoint";
import { DivergedError } from "./diverged";
import { type Checkpoint, runLoop } from "./loop";
import { type LoraSettings, tuneLora, tuneWhole } from "./tune-encoder";

let encoder: Encoder;
let remove: () => void;
beforeAll(async () => {
  ({ encoder, remove } = await openGoldenEncoder());
});
afterAll(() => remove());

/** Two kinds of sequences that differ in one word; the head knows nothing yet. */
const sequences = Array.from({ length: 24 }, (_, i) =>
  Int32Array.from([1, i % 2 === 0 ? 5 : 6, 7 + (i % 9), ...(i % 3 === 0 ? [9] : []), 2]),
);
const data = { sequences, labels: Int32Array.from(sequences, (_, i) => i % 2) };
const head: LinearHead = { inputs: 8, classes: 2, weights: new Float32Array(16), bias: new Float32Array(2) };
const settings: LoraSettings = {
  epochs: 6,
  batchSize: 8,
  rate: 0.02,
  headRate: 5,
  decay: 0.01,
  clip: 1,
  contrastive: 0.5,
  augmentation: { drop: 0.1, swap: 0.1, synonym: 0 },
  smoothing: 0.05,
  classWeights: "even",
  lora: { rank: 2, alpha: 4, targets: ["query", "value"], fromLayer: 0 },
  seed: 5,
};
const never = new AbortController().signal;

function inMemory(): Checkpoint & { last: Uint8Array | null } {
  const store = {
    last: null as Uint8Array | null,
    save: async (state: Uint8Array) => {
      store.last = state.slice();
    },
    load: async () => store.last,
  };
  return store;
}
function hashOf(tuned: Awaited<ReturnType<typeof tuneLora>>): string {
  const hash = createHash("sha256");
  for (const { a, b } of tuned.lora.pairs) hash.update(a).update(b);
  return hash.update(tuned.head.weights).update(tuned.head.bias).digest("hex");
}

test("tuning lowers the loss and tells the classes apart", async () => {
  const patient = { ...settings, epochs: 40, contrastive: 0, smoothing: 0, augmentation: NO_AUGMENTATION };
  const tuned = await tuneLora(encoder, data, head, patient, { signal: never });
  const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length;
  expect(mean(tuned.losses.slice(-3))).toBeLessThan(0.6 * mean(tuned.losses.slice(0, 3)));
  const right = embedTuned(encoder, sequences, tuned.lora).filter((vector, row) => {
    const [a = 0, b = 0] = [0, 1].map((k) =>
      vector.reduce(
        (sum, value, i) => sum + value * (tuned.head.weights[i * 2 + k] ?? 0),
        tuned.head.bias[k] ?? 0,
      ),
    );
    return (b > a ? 1 : 0) === data.labels[row];
  });
  expect(right.length).toBeGreaterThanOrEqual(21);
});

test("the whole encoder is tuned too, stays itself as it was, and its difference is an adapter of every part", async () => {
  const before = embedWith(encoder, sequences, {});
  const { lora: _, ...plain } = {
    ...settings,
    rate: 0.005,
    epochs: 40,
    contrastive: 0,
    augmentation: NO_AUGMENTATION,
  };
  const tuned = await tuneWhole(encoder, data, head, plain, { signal: never });
  const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length;
  expect(mean(tuned.losses.slice(-3))).toBeLessThan(0.6 * mean(tuned.losses.slice(0, 3)));
  expect(embedWith(encoder, sequences, {})).toEqual(before);
  const whole = embedChanged(encoder, sequences, tuned.change);
  const served = embedTuned(encoder, sequences, strongestOf(tuned.change, encoder.config, 8));
  const worst = (a: readonly Float32Array[], b: readonly Float32Array[]) =>
    Math.max(...a.flatMap((row, i) => [...row].map((value, j) => Math.abs(value - (b[i]?.[j] ?? 9)))));
  expect(worst(whole, before)).toBeGreaterThan(1e-2);
  expect(worst(whole, served)).toBeLessThan(1e-5);
});

test.each([0, 1])(
  "a fit from layer %i on that is stopped anywhere ends with the weights of one that was not",
  async (fromLayer) => {
    const own = { ...settings, lora: { ...settings.lora, fromLayer } };
    const whole = hashOf(await tuneLora(encoder, data, head, own, { signal: never }));
    for (const stopAt of [1, 4, 9, 17]) {
      const checkpoint = inMemory();
      const stop = new AbortController();
      const first = tuneLora(encoder, data, head, own, {
        signal: stop.signal,
        checkpoint,
        saveEvery: 4,
        onStep: (step) => step === stopAt && stop.abort(),
      });
      await expect(first).rejects.toThrow();
      expect(unpackSnapshot(checkpoint.last ?? new Uint8Array()).step).toBe(stopAt);
      const second = await tuneLora(encoder, data, head, own, { signal: never, checkpoint });
      expect(hashOf(second)).toBe(whole);
    }
  },
);

test("a fit leaves no tensor behind, nor does reading through what it tuned", async () => {
  const before = memory().numTensors;
  const { lora } = await tuneLora(encoder, data, head, settings, { signal: never });
  embedTuned(encoder, sequences, lora);
  const { change } = await tuneWhole(encoder, data, head, settings, { signal: never });
  embedChanged(encoder, sequences, change);
  expect(memory().numTensors).toBe(before);
});

test("a loss that is no number ends the fit and says at which step", async () => {
  const broken = { ...head, weights: head.weights.map(() => Number.NaN) };
  await expect(tuneLora(encoder, data, broken, settings, { signal: never })).rejects.toThrow(DivergedError);
});

test("a gradient that is no number ends the fit even in its last step", async () => {
  const at = variable(tensor1d([0]));
  const fit = runLoop({
    variables: [at],
    scales: [1],
    batches: () => [[0]],
    // A number itself, with a slope that is none.
    loss: () => () => sum(sqrt(at)) as Scalar,
    epochs: 1,
    rate: 0.1,
    decay: 0,
    clip: 1,
    signal: never,
  });
  await expect(fit).rejects.toThrow(DivergedError);
  at.dispose();
});

test("a batch in parts teaches what it teaches whole, and no part holds more than fits", async () => {
  const targets = [3, -1, 4, 1, -5, 9, 2];
  const learn = async (parts?: (rows: readonly number[]) => number[][]) => {
    const at = variable(tensor1d([0, 0]));
    await runLoop({
      variables: [at],
      scales: [1],
      batches: () => [[0, 1, 2, 3, 4, 5, 6]],
      ...(parts && { parts }),
      loss: (rows) => () =>
        mean(
          squaredDifference(
            matMul(tensor2d(rows.map((row) => [1, row])), reshape(at, [2, 1])),
            tensor2d(rows.map((row) => [targets[row] as number])),
          ),
        ) as Scalar,
      epochs: 5,
      rate: 0.1,
      decay: 0.01,
      clip: 1,
      signal: never,
    });
    const values = at.dataSync().slice();
    at.dispose();
    return values;
  };
  const [whole, split] = [await learn(), await learn(() => [[0, 1, 2], [3], [4, 5, 6]])];
  for (const [i, value] of whole.entries()) expect(split[i]).toBeCloseTo(value, 5);
  expect(partsOf([0, 1, 2, 3], [400, 400, 400, 2000])).toEqual([[0, 1], [2], [3]]);
  expect(partsOf([0, 1, 2, 3], [300, 300, 300, 300])).toEqual([[0, 1, 2], [3]]);
  expect(partsOf([0, 1, 2, 3, 4], [300, 300, 300, 300, 9], 2)).toEqual([
    [0, 1],
    [2, 3, 4],
  ]);
});

test("a snapshot reads back as it was, and a cut one is refused", () => {
  const snapshot = { step: 7, arrays: [Float32Array.of(1, 2.5), new Float32Array(0), Float32Array.of(-3)] };
  const packed = packSnapshot(snapshot);
  expect(unpackSnapshot(packed)).toEqual(snapshot);
  expect(() => unpackSnapshot(packed.slice(0, -1))).toThrow("not whole");
});

test("every epoch has every row once, and pairs keep classes together", () => {
  const lengths = sequences.map((ids) => ids.length);
  for (const batches of [batchesOf(lengths, 5, 1, 0), pairedBatches(data.labels, lengths, 6, 1, 0)])
    expect(batches.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
  expect(batchesOf(lengths, 5, 1, 0)).not.toEqual(batchesOf(lengths, 5, 1, 1));
  for (const batch of pairedBatches(data.labels, lengths, 6, 1, 0))
    for (const label of [0, 1]) expect(batch.filter((row) => data.labels[row] === label).length).not.toBe(1);
});

test("pairs of much the same length share a batch, so little of it is padding", () => {
  const mixed = Array.from({ length: 400 }, (_, i) => (i % 4 < 2 ? 8 : 64));
  const labels = Int32Array.from(mixed, (_, i) => i % 2);
  const batches = pairedBatches(labels, mixed, 16, 1, 0);
  const padded = batches.reduce(
    (sum, rows) => sum + rows.length * Math.max(...rows.map((row) => mixed[row] ?? 0)),
    0,
  );
  expect(padded).toBeLessThan(1.3 * mixed.reduce((a, b) => a + b, 0));
  expect(batches.map((rows) => rows.length)).not.toContain(0);
});
