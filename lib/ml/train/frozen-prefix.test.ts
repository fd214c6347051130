import {
  mean,
  memory,
  mul,
  reshape,
  type Scalar,
  square,
  sub,
  sum,
  type Tensor2D,
  tensor2d,
  tidy,
  variableGrads,
} from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Batch, createBatch, type Encoder, pool } from "../base/encoder";
import { holdLora } from "../base/lora";
import { createLora, type Lora, type LoraShape } from "../base/lora-shape";
import { NO_AUGMENTATION } from "../data/augment";
import { openGoldenEncoder } from "../golden.fixture";
import { yesOrNo } from "../linear/losses";
import type { LinearHead } from "../linear/softmax-head";
import { createPrefix, type Prefix } from "./frozen-prefix";
import { tuneLora, tuneObjective } from "./tune-encoder";
import { tuneTokens } from "./tune-tokens";

const HIDDEN = 8;
let encoder: Encoder;
let remove: () => void;
beforeAll(async () => {
  ({ encoder, remove } = await openGoldenEncoder());
});
afterAll(() => remove());

/** Of 4 to 16 tokens; each differs from all others. */
const sequences = Array.from({ length: 90 }, (_, i) =>
  Int32Array.from([1, 3 + (i % 9), 3 + (i % 10), ...new Array(i % 13).fill(4 + (i % 7)), 2]),
);
const pick = (...rows: number[]) => rows.map((row) => sequences[row] as Int32Array);
const other = Int32Array.from([1, 19, 18, 17, 2]);

/** What a prefix reads of sequences, on the host. */
function read(prefix: Prefix, asked: readonly Int32Array[]): Float32Array {
  let values = new Float32Array(0);
  tidy(() => {
    values = prefix(asked, createBatch(asked)).dataSync() as Float32Array<ArrayBuffer>;
  });
  return values;
}
const worst = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? 9))), 0);

/** The encoder, and which tokens it was asked to run through the layers below an adapter. */
function watched(): { encoder: Encoder; passes: string[] } {
  const passes: string[] = [];
  const run: Encoder["run"] = (x, batch, options = {}) => {
    if (options.from === undefined) passes.push(batch.ids.dataSync().join(" "));
    return encoder.run(x, batch, options);
  };
  return { encoder: { ...encoder, run }, passes };
}

test("what is read of a batch is what the layers below make of it, and zero where it is padded", () => {
  const prefix = createPrefix(encoder, 1, sequences);
  for (const asked of [pick(0, 12, 5), [...pick(40), other], [other], pick(12, 0)]) {
    const batch = createBatch(asked);
    const whole = tidy(() => {
      const x = encoder.run(encoder.embed(batch), batch, { to: 1 });
      const real = mul(x, reshape(batch.real, [batch.rows * batch.tokens, 1]));
      return real.dataSync() as Float32Array;
    });
    batch.dispose();
    const found = read(prefix, asked);
    expect(worst(found, whole)).toBeLessThanOrEqual(1e-5);
    expect([...found.keys()].filter((i) => found[i] !== 0)).toEqual(
      [...whole.keys()].filter((i) => whole[i] !== 0),
    );
  }
});

const SHAPE: LoraShape = { rank: 2, alpha: 4, targets: ["query", "value"], fromLayer: 1 };

test("what a row is padded with reaches no vector and no gradient", () => {
  const asked = pick(0, 12);
  const below = read(createPrefix(encoder, 1, sequences), asked);
  const lora = createLora(encoder.config, SHAPE, 3);
  for (const { b } of lora.pairs) b.fill(0.3);
  const held = holdLora(lora, encoder.config);
  const learn = (values: Float32Array) =>
    tidy(() => {
      const batch = createBatch(asked);
      const x = tensor2d(values, [batch.rows * batch.tokens, HIDDEN]);
      const { value, grads } = variableGrads(
        () =>
          sum(square(sub(pool(encoder.run(x, batch, { from: 1, difference: held.difference }), batch), 1))),
        held.variables,
      );
      return [value, ...Object.values(grads)].map((one) => one.dataSync());
    });
  // Nothing real is zero after a normalisation.
  const soiled = below.map((value, i) => (value === 0 ? 50 * Math.sin(i) : value));
  expect(worst(soiled, below)).toBeGreaterThan(1);
  expect(learn(soiled)).toEqual(learn(below));
  held.dispose();
});

test("a taught sequence is computed once, in a company that does not depend on what is read when", () => {
  const [one, two] = [watched(), watched()];
  const forward = createPrefix(one.encoder, 1, sequences);
  const backward = createPrefix(two.encoder, 1, sequences);
  const all = [...sequences.keys()];
  const first = all.map((row) => read(forward, pick(row)));
  const second = all.toReversed().map((row) => read(backward, pick(row, (row * 7) % 90)));
  for (const row of all) expect(second.at(-1 - row)?.subarray(0, first[row]?.length)).toEqual(first[row]);
  expect(one.passes.length).toBeGreaterThan(1);
  expect(one.passes.toSorted()).toEqual(two.passes.toSorted());
  for (const row of all) read(forward, pick(row, 89 - row));
  expect(one.passes).toHaveLength(two.passes.length);
});

test("a sequence that is not taught, or beyond the bound, is computed each time and puts out none that is kept", () => {
  const { encoder: own, passes } = watched();
  // Room for the shortest pass alone.
  const prefix = createPrefix(own, 1, sequences, 4 * HIDDEN * 512);
  const [short, long] = [pick(0, 13), pick(12, 25)];
  read(prefix, short);
  expect(passes).toHaveLength(1);
  for (const asked of [long, [other], long]) read(prefix, asked);
  expect(passes).toHaveLength(4);
  expect(passes[3]).toBe(passes[1]);
  read(prefix, short);
  expect(passes).toHaveLength(4);
});

const steps = {
  epochs: 4,
  batchSize: 8,
  rate: 0.02,
  headRate: 5,
  decay: 0.01,
  clip: 1,
  lora: SHAPE,
  seed: 5,
};
const signal = new AbortController().signal;
const headOf = (inputs: number): LinearHead => ({
  inputs,
  classes: 2,
  weights: Float32Array.from({ length: inputs * 2 }, (_, i) => Math.sin(i)),
  bias: new Float32Array(2),
});
const rows = [...sequences.keys()];
const labels = Int32Array.from(rows, (row) => row % 2);

type TuneOn = (encoder: Encoder) => Promise<{ lora: Lora; head: LinearHead; losses: number[] }>;
const texts =
  (drop: number): TuneOn =>
  (own) => {
    const learn = { contrastive: 0.5, smoothing: 0, classWeights: "even" } as const;
    const settings = { ...steps, ...learn, augmentation: { ...NO_AUGMENTATION, drop } };
    return tuneLora(own, { sequences, labels }, headOf(8), settings, { signal });
  };
const pairs: TuneOn = (own) => {
  const two = rows.map((row) => pick(row, (row * 7) % 90));
  const objective = { of: yesOrNo(Uint8Array.from(rows.flatMap((row) => [row % 2, row % 3 && 1])), 2), rows };
  const settings = { ...steps, augmentation: NO_AUGMENTATION };
  return tuneObjective(own, two, objective, headOf(17), settings, { signal });
};
const tokens: TuneOn = (own) => {
  const data = {
    sequences,
    extra: sequences.map((ids) => Float32Array.from(ids)),
    columns: 1,
    loss: (logits: Tensor2D, asked: readonly number[], { real }: Batch) =>
      mean(square(mul(sub(reshape(logits, [asked.length, -1, 2]), 1), real))) as Scalar,
  };
  const hooks = {
    signal,
    checkpoint: () => ({ save: async () => {}, load: async () => null }),
    onRate: () => {},
    onStep: () => {},
  };
  return tuneTokens(own, data, headOf(9), { ...steps, rate: 0.005, layers: 2 }, hooks);
};

/** The encoder run from the words in every step, whatever is kept of it. */
const forgetful = (): Encoder => ({
  ...encoder,
  run: (x, batch, options = {}) =>
    options.from === undefined ? x : encoder.run(encoder.embed(batch), batch, { ...options, from: 0 }),
});

test.each([
  ["texts", texts(0), true],
  ["texts whose words are left out", texts(0.1), false],
  ["pairs", pairs, true],
  ["tokens", tokens, true],
] as const)(
  "%s are tuned as if all layers had been run in every step, and no tensor is left",
  async (_, tuneOn, isKept) => {
    const { encoder: own, passes } = watched();
    const before = memory().numTensors;
    const kept = await tuneOn(own);
    expect(memory().numTensors).toBe(before);
    const whole = await tuneOn(forgetful());
    const numbersOf = ({ lora, head, losses }: Awaited<ReturnType<TuneOn>>) =>
      Float32Array.from([
        ...lora.pairs.flatMap(({ a, b }) => [...a, ...b]),
        ...head.weights,
        ...head.bias,
        ...losses,
      ]);
    expect(worst(numbersOf(kept), numbersOf(whole))).toBeLessThanOrEqual(1e-4);
    expect(kept.lora.pairs.some(({ b }) => b.some((value) => Math.abs(value) > 1e-2))).toBe(true);
    // A few passes in all, or one in nearly every step.
    expect(passes.length < kept.losses.length / 10).toBe(isKept);
  },
);
