import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeBaseGraph } from "../base/bert-graph";
import { type Encoder, openEncoder } from "../base/encoder";
import { type OpenBase, openBase } from "../base/forward";
import { foldScale } from "../base/lora-shape";
import { writeSmallBert } from "../base/small-bert.fixture";
import type { Hyperparameters } from "../contract";
import { openGoldenBackend } from "../golden.fixture";
import { nearest, yesOrNo } from "../linear/losses";
import type { Checkpoint } from "../train/loop";
import {
  type LinearModel,
  type LinearRecipe,
  linearOutputs,
  PAIR_RECIPES,
  prepareLinear,
  type ReadTexts,
  SINGLE_RECIPES,
} from "./linear-text";
import { prepareTunedLinear } from "./tuned-linear";

const dir = mkdtempSync(join(tmpdir(), "graft-tuned-linear-"));
let encoder: Encoder;
let base: OpenBase;
beforeAll(async () => {
  await openGoldenBackend();
  await writeSmallBert(dir);
  await writeBaseGraph(dir);
  encoder = await openEncoder(dir);
  base = await openBase(dir, { threads: 1 });
});
afterAll(async () => {
  encoder.dispose();
  await base.close();
  rmSync(dir, { recursive: true });
});

const options = { seed: 3, signal: new AbortController().signal, onProgress: () => {} };
const none: Checkpoint = { save: async () => {}, load: async () => null };
const recipeOf = (recipes: readonly LinearRecipe[], id: string) =>
  recipes.find((one) => one.id === id) as LinearRecipe;

async function readAll(
  texts: readonly (readonly Int32Array[])[],
  { lora }: Pick<LinearModel, "lora"> = { lora: null },
) {
  const adapter = lora ? { key: "tuned", lora: foldScale(lora) } : null;
  return Promise.all(
    texts.map(
      async (own): Promise<ReadTexts> => ({
        counted: [],
        vectors: await base.embed(own.map((ids) => ({ ids, ...(adapter && { adapter }) }))),
      }),
    ),
  );
}
const worst = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? 9))), 0);

test("several labels: tuning lowers the loss below that of the frozen base, and serving answers what training did", async () => {
  // Which of two words is there decides two labels; the others are noise.
  const texts = Array.from({ length: 480 }, (_, i) => [
    Int32Array.from([1, i % 2 === 0 ? 5 : 6, 7 + (i % 9), i % 3 === 0 ? 9 : 4, 2]),
  ]);
  const targets = Uint8Array.from(texts.flatMap((_, i) => [i % 2, i % 3 === 0 ? 1 : 0]));
  const objective = yesOrNo(targets, 2);
  const rows = [...texts.keys()];
  const read = await readAll(texts);
  const recipe = recipeOf(SINGLE_RECIPES, "lora");
  const frozen = prepareLinear(recipeOf(SINGLE_RECIPES, "head"), read, objective);
  const tuned = prepareTunedLinear(recipe, read, objective, {
    encoder,
    ordered: {},
    sequences: texts,
    checkpoint: () => none,
  });
  const [before, after] = [await frozen.fit(rows, options), await tuned.fit(rows, options)];
  expect(objective.loss(tuned.outputs(after, rows), rows)).toBeLessThan(
    0.8 * objective.loss(frozen.outputs(before, rows), rows),
  );
  const served = linearOutputs(recipe, after, await readAll(texts, after));
  expect(worst(served, tuned.outputs(after, rows))).toBeLessThan(1e-4);
});

test("pairs: tuning lowers the error below that of the frozen base, and serving answers what training did", async () => {
  const word = (i: number) => 5 + (i % 4);
  const pairs = Array.from({ length: 480 }, (_, i) => [
    Int32Array.from([1, word(i), 11 + (i % 5), 2]),
    Int32Array.from([1, word(i * 7 + Math.floor(i / 4)), 9, 2]),
  ]);
  const numbers = Float64Array.from(pairs, ([a, b]) => (a?.[1] === b?.[1] ? 1 : -1));
  const objective = nearest(numbers);
  const rows = [...pairs.keys()];
  const read = await readAll(pairs);
  const recipe = recipeOf(PAIR_RECIPES, "lora");
  const frozen = prepareLinear(recipeOf(PAIR_RECIPES, "head"), read, objective);
  const tuned = prepareTunedLinear(recipe, read, objective, {
    encoder,
    ordered: {},
    sequences: pairs,
    checkpoint: () => none,
  });
  const [before, after] = [await frozen.fit(rows, options), await tuned.fit(rows, options)];
  expect(objective.loss(tuned.outputs(after, rows), rows)).toBeLessThan(
    0.98 * objective.loss(frozen.outputs(before, rows), rows),
  );
  const served = linearOutputs(recipe, after, await readAll(pairs, after));
  expect(worst(served, tuned.outputs(after, rows))).toBeLessThan(1e-4);
});

/** A fit of one label over few rows, with what is ordered of it. */
async function prepareFew(ordered: Hyperparameters) {
  const texts = Array.from({ length: 40 }, (_, i) => [
    Int32Array.from([1, i % 2 === 0 ? 5 : 6, 7 + (i % 9), 2]),
  ]);
  const objective = yesOrNo(
    Uint8Array.from(texts, (_, i) => i % 2),
    1,
  );
  const recipe = recipeOf(SINGLE_RECIPES, "lora");
  const tuning = { encoder, ordered, sequences: texts, checkpoint: () => none };
  const tuned = prepareTunedLinear(recipe, await readAll(texts), objective, tuning);
  return { texts, rows: [...texts.keys()], recipe, tuned };
}

test("ordered epochs, batches, rank and layers are those of the fit, which serving answers too", async () => {
  const { texts, rows, recipe, tuned } = await prepareFew({
    epochs: 2,
    batchSize: 16,
    learningRateMultiplier: 2,
    lora: { rank: 4, alpha: 4, layers: 1 },
  });
  let steps = 0;
  const onProgress = () => {
    steps++;
  };
  const model = await tuned.fit(rows, { ...options, onProgress });
  expect(steps).toBe(2 * Math.ceil(40 / 16));
  expect(model.lora?.shape).toMatchObject({ rank: 4, alpha: 4, fromLayer: 1 });
  const ran = { epochs: 2, batchSize: 16, rate: 4e-3, rateMultiplier: 2, rank: 4, alpha: 4, layers: 1 };
  expect(tuned.effective()).toMatchObject(ran);
  const served = linearOutputs(recipe, model, await readAll(texts, model));
  expect(worst(served, tuned.outputs(model, rows))).toBeLessThan(1e-4);
});

test("at each strength serving answers what training did, and a kept one is that of later fits", async () => {
  const { texts, rows, recipe, tuned } = await prepareFew({ epochs: 2 });
  const model = await tuned.fit(rows, options);
  const readings = tuned.readings?.(model) ?? [];
  expect(tuned.ways?.map(({ rank, strength }) => [rank, strength])).toEqual([
    [8, 1],
    [8, 0.75],
    [8, 0.5],
  ]);
  const outputs = readings.map((one) => tuned.outputs(one, rows));
  expect(outputs[0]).toEqual(tuned.outputs(model, rows));
  expect(worst(outputs[0] as Float32Array, outputs[2] as Float32Array)).toBeGreaterThan(1e-3);
  for (const [at, one] of readings.entries()) {
    const served = linearOutputs(recipe, one, await readAll(texts, one));
    expect(worst(served, outputs[at] as Float32Array)).toBeLessThan(1e-4);
  }
  expect(tuned.effective()).toMatchObject({ strength: 1 });
  tuned.keep?.(2);
  expect(tuned.effective()).toMatchObject({ strength: 0.5 });
  expect(tuned.outputs(await tuned.fit(rows, options), rows)).toEqual(outputs[2]);
});
