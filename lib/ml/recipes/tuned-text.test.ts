import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { atStrength } from "../adapter-strength";
import { writeBaseGraph } from "../base/bert-graph";
import { type Encoder, openEncoder } from "../base/encoder";
import { type OpenBase, openBase, openFor } from "../base/forward";
import { createLora } from "../base/lora-shape";
import { writeSmallBert } from "../base/small-bert.fixture";
import { embedChanged } from "../base/tuned-vectors";
import { strongestOf } from "../base/whole-shape";
import type { Hyperparameters } from "../contract";
import { openGoldenBackend } from "../golden.fixture";
import { fromRows } from "../linear/matrix";
import { denseLogits, fitSoftmaxHead } from "../linear/softmax-head";
import { generator } from "../linear/svm";
import type { Predictor } from "../task";
import { crossValidate } from "../tasks/labels.compare";
import type { Plan } from "../tasks/labels.rows";
import { writeTextArtifact } from "../tasks/text-classification.artifact";
import { openTextModel } from "../tasks/text-classification.predict";
import { DivergedError } from "../train/diverged";
import type { Checkpoint } from "../train/loop";
import { full } from "./full";
import { lora } from "./lora";
import type { Prepared, TextData, TextModel, TextRecipe, Tuning } from "./text-recipe";
import { createTuned, type TunedModel } from "./tuned-text";

const dir = mkdtempSync(join(tmpdir(), "graft-lora-"));
let encoder: Encoder;
let base: OpenBase;
let data: TextData & { tuning: Tuning };
const prepareds = new Map<string, { prepared: Prepared; model: TextModel }>();

/** Words are numbers: a text of two classes that differ in one word. */
const texts = Array.from(
  { length: 48 },
  (_, i) => `${i % 2 === 0 ? 5 : 6} ${7 + (i % 9)} ${i % 3 === 0 ? 9 : 4}`,
);
const names = ["5", "6"];
const tokenize = (text: string) => Int32Array.from([1, ...text.split(" ").map(Number), 2]);
const labels = Int32Array.from(texts, (_, i) => i % 2);
const rows = texts.map((_, row) => row);
const options = { seed: 3, signal: new AbortController().signal, onProgress: () => {} };
const none: Checkpoint = { save: async () => {}, load: async () => null };

beforeAll(async () => {
  await openGoldenBackend();
  await writeSmallBert(dir);
  await writeBaseGraph(dir);
  encoder = await openEncoder(dir);
  base = await openBase(dir, { threads: 1 });
  const sequences = [...texts, ...names].map(tokenize);
  const embeddings = await base.embed(sequences.map((ids) => ({ ids })));
  const tuning = {
    encoder,
    ordered: {},
    sequences,
    chosen: null,
    neighbours: () => new Map(),
    checkpoint: () => none,
  };
  data = { texts, names, embeddings, tuning };
  for (const recipe of [lora, full]) {
    const prepared = await recipe.prepare(data);
    prepareds.set(recipe.id, { prepared, model: await prepared.fit(rows, labels, 2, options) });
  }
});
afterAll(async () => {
  encoder.dispose();
  await base.close();
  rmSync(dir, { recursive: true });
});

const apart = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN))));
const rightOf = (logits: Float32Array) =>
  labels.filter((label, i) => ((logits[2 * i + 1] ?? 0) > (logits[2 * i] ?? 0) ? 1 : 0) === label).length;

const CHOICE = {
  augmentation: { kind: "none", share: 0 },
  contrastive: 0,
  classWeights: "even",
  classNames: false,
  effort: 1,
} as const;
const CHOSEN = { choice: CHOICE, effect: { ...CHOICE.augmentation, measured: null } };
const PLAN: Plan = {
  rows: { lines: rows, texts, labels, hashes: texts },
  names: ["even", "odd"],
  train: rows,
  test: [],
  testHashes: [],
  taughtOnly: [],
  unknownLabels: 0,
};

/** From -size/2 to size/2 in each of the small encoder's numbers. */
function randomChange(size: number): Float32Array {
  const { layers, hidden, wide } = encoder.config;
  const random = generator(5);
  return Float32Array.from(
    { length: layers * (4 * hidden * hidden + 2 * hidden * wide) },
    () => size * (random() - 0.5),
  );
}

/** A reading as serving opens it, from what was written into this folder. */
async function openWritten(name: string, prepared: Prepared, reading: TextModel) {
  const at = join(dir, name);
  const facts = { temperature: 1, seed: 1, task: "text-classification", validateScope: async () => null };
  const own = { ...facts, base: { id: "small", dir, sha256: "0" } };
  await writeTextArtifact(at, reading, PLAN, rows, prepared.vectors(reading, rows), own);
  return openTextModel(at, async () => (text) => ({ ids: tokenize(text), truncated: false }));
}

/** Every reading, written and opened again, answers as it did in training. */
async function expectServed(id: string, { prepared, model }: { prepared: Prepared; model: TextModel }) {
  for (const [n, reading] of (prepared.readings?.(model) ?? []).entries()) {
    const predictor = await openWritten(`${id}-${n}`, prepared, reading);
    const { requests } = predictor.before(texts);
    const asked = requests.flat();
    const session = await openFor(dir, asked[0] ?? {}, { threads: 1 });
    const outputs = (await session.embed(asked)).map((vector) => [vector]);
    await session.close();
    const answers = predictor.after(texts, outputs, { topK: 2, nearest: 1 });
    const logits = prepared.logits(reading, rows);
    for (const [row, { labels: ranked, nearest }] of answers.entries()) {
      const odd = 1 / (1 + Math.exp((logits[2 * row] ?? 0) - (logits[2 * row + 1] ?? 0)));
      const served = ranked.find(({ label }) => label === "odd")?.probability ?? 9;
      expect(Math.abs(served - odd)).toBeLessThanOrEqual(1e-4);
      expect(nearest?.[0]?.similarity).toBeGreaterThan(0.98);
    }
  }
}

describe.each([lora, full])("$id", ({ id }) => {
  const of = () => prepareds.get(id) as { prepared: Prepared; model: TextModel };
  test("words tell apart what a base as small as this one cannot", () => {
    const { prepared, model } = of();
    const readings = prepared.readings?.(model) ?? [];
    const withWords = readings.find((one) => "lora" in one && one.reading.ngrams === 1) ?? model;
    expect(rightOf(prepared.logits(withWords, rows))).toBeGreaterThanOrEqual(47);
  });

  test("a reading at less strength is nearer to the base, and the plainest is the model itself", () => {
    const { prepared, model } = of();
    const readings = prepared.readings?.(model) ?? [];
    const plain = prepared.logits(model, rows);
    const logits = readings.map((one) => prepared.logits(one, rows));
    expect(logits[0]).toEqual(plain);
    const weak = readings.findIndex((one) => "lora" in one && one.reading.strength === 0.5);
    const moved = (i: number) => prepared.vectors(readings[i] as TextModel, rows)?.[0] ?? new Float32Array(8);
    expect(moved(weak)).not.toEqual(moved(0));
  });

  test("serving answers what training answered, in every reading, adapter and n-grams from the stored model", () =>
    expectServed(id, of()));

  test("at another strength a stored model has that reading's scores, at none the head's on the base's own vectors", async () => {
    const { prepared, model } = of();
    const readings = (prepared.readings?.(model) ?? []) as readonly TunedModel[];
    const at = (strength: number) =>
      readings.find(({ reading }) => reading.strength === strength && reading.ngrams === 0) as TunedModel;
    const predictor = await openWritten(`${id}-strengths`, prepared, at(0.75) as TextModel);
    const scoresAt = async (strength: number) => {
      const weighed = atStrength(predictor as Predictor, strength / 0.75);
      const requests = weighed.before(texts).requests.flat();
      // The matrices are those of the stored model, not a copy.
      for (const { adapter } of requests)
        expect(adapter).toBe(strength > 0 ? predictor.reads?.("5")?.adapter : undefined);
      const outputs = await base.embed(requests);
      const vectors = outputs.map((vector) => [vector]);
      return weighed.scoring?.scores(texts, vectors) ?? new Float32Array(0);
    };
    for (const strength of [0.5, 0.75, 1]) {
      const logits = prepared.logits(at(strength) as TextModel, rows);
      expect(apart(await scoresAt(strength), logits)).toBeLessThanOrEqual(1e-4);
    }
    const plain = denseLogits(at(0.75).head, fromRows((data.embeddings ?? []).slice(0, texts.length)));
    expect(apart(await scoresAt(0), plain)).toBeLessThanOrEqual(1e-6);
    expect(apart(await scoresAt(1), plain)).toBeGreaterThan(1e-3);
  });

  test("a kept reading is the one of later fits", async () => {
    const { prepared, model } = of();
    const place = (prepared.readings?.(model) ?? []).findIndex(
      (one) => "lora" in one && one.reading.strength === 0.75 && one.reading.ngrams === 1,
    );
    prepared.keep?.(place);
    const later = await prepared.fit(rows, labels, 2, options);
    expect("lora" in later && later.reading).toEqual({ rank: 8, strength: 0.75, ngrams: 1 });
    expect(prepared.effective()).toMatchObject({ strength: 0.75, a: 1, rank: 8 });
  });
});

/** A fit with what an order set, its settings chosen beforehand so that no other fit is made. */
async function fitOrdered(recipe: TextRecipe, ordered: Hyperparameters) {
  const prepared = await recipe.prepare({ ...data, tuning: { ...data.tuning, ordered, chosen: CHOSEN } });
  let steps = 0;
  const onProgress = () => {
    steps++;
  };
  const model = await prepared.fit(rows, labels, 2, { ...options, onProgress });
  return { prepared, model, steps };
}

test("a base that was tuned whole is asked as such, by no adapter, and never answered by the base as it is", async () => {
  const { prepared, model } = prepareds.get("full") as { prepared: Prepared; model: TextModel };
  const readings = prepared.readings?.(model) ?? [];
  const places = readings.flatMap((one, n) => ("lora" in one && one.reading.rank === "whole" ? [n] : []));
  expect(places).toEqual([18, 19, 20, 21, 22, 23, 24, 25, 26]);
  const predictor = await openTextModel(join(dir, "full-18"), async () => (text) => ({
    ids: tokenize(text),
    truncated: false,
  }));
  const asked = predictor.before(texts).requests.flat();
  expect(asked.every(({ whole, adapter }) => whole && !adapter)).toBe(true);
  await expect(base.embed(asked)).rejects.toThrow("other weights");
  const session = await openFor(dir, asked[0] ?? {}, { threads: 1 });
  await expect(session.embed([{ ids: tokenize("5 7 9") }])).rejects.toThrow("other weights");
  await session.close();
});

test("whatever was changed in whichever matrix is served at its strength as it was read in training", async () => {
  const { prepared, model } = prepareds.get("full") as { prepared: Prepared; model: TextModel };
  const change = randomChange(1);
  const readings = [1, 0.5].map((strength): TextModel => {
    if (!("lora" in model)) throw new Error("a tuned model is needed");
    return { ...model, change, reading: { rank: "whole", strength, ngrams: 0 } };
  });
  const [whole, half] = readings.map((one) => prepared.vectors(one, [0])?.[0] ?? new Float32Array(8));
  const plain = data.embeddings?.[0] ?? new Float32Array(8);
  for (const [one, other] of [[whole, plain] as const, [half, plain] as const, [whole, half] as const])
    expect(Math.max(...(one ?? []).map((x, i) => Math.abs(x - (other?.[i] ?? 9))))).toBeGreaterThan(0.05);
  await expectServed("changed", { prepared: { ...prepared, readings: () => readings }, model });
  const asked = { whole: { key: "k", change }, precision: "int8" } as const;
  const session = await openFor(dir, asked, { threads: 1 });
  const [int8] = await session.embed([{ ids: tokenize(texts[0] ?? ""), ...asked }]);
  await session.close();
  expect(int8?.reduce((sum, x, i) => sum + x * (whole?.[i] ?? 0), 0)).toBeGreaterThan(0.95);
});

test("a change that few directions cannot hold is served whole, and one that they hold is not", async () => {
  const plan: Plan = { ...PLAN, rows: { ...PLAN.rows, hashes: texts.map((text, row) => `${text} ${row}`) } };
  const chosenBy = async (size: number) => {
    const recipe = createTuned({
      ...{ id: "full", usualGain: 0, ranks: [1, "whole"], rate: 1, headRate: 1, cost: 1, bytes: 0 },
      async tune({ config }, own) {
        const change = randomChange(size);
        const vectors = fromRows(embedChanged(encoder, own.sequences, change));
        const head = await fitSoftmaxHead(vectors, own.labels, 2, { c: 1e5 });
        return { head, change, lora: strongestOf(change, config, 1) };
      },
    });
    const prepared = await recipe.prepare({ ...data, tuning: { ...data.tuning, chosen: CHOSEN } });
    const { signal } = options;
    const { readings, accuracy } = await crossValidate(recipe, prepared, plan, 3, { signal }, () => {}, 3);
    const chosen = readings?.tried.find((one) => one.chosen);
    const narrow = Math.max(
      ...(readings?.tried ?? []).flatMap(({ rank, value }) => (rank === 1 ? value : [])),
    );
    return { rank: chosen?.rank, ahead: accuracy.value - narrow };
  };
  expect(await chosenBy(2)).toMatchObject({ rank: "whole" });
  expect(await chosenBy(0)).toEqual({ rank: 1, ahead: 0 });
});

test.each([lora, full])(
  "$id: ordered epochs and batches are the steps that are made, and the report says so",
  async (recipe) => {
    const ordered = { epochs: 2, batchSize: 20, learningRateMultiplier: 0.5 };
    const { steps, prepared } = await fitOrdered(recipe, ordered);
    expect(steps).toBe(2 * Math.ceil(rows.length / 20));
    const rate = recipe === lora ? 1e-3 : 5e-5;
    const ran = { epochs: 2, batchSize: 20, rate, rateMultiplier: 0.5, decay: 0.01, clip: 1 };
    expect(prepared.effective()).toMatchObject({ ...ran, headRate: 1e-3 });
    expect("alpha" in prepared.effective()).toBe(recipe === lora);
  },
);

test("what is left open is as usual", async () => {
  const { prepared } = await fitOrdered(lora, {});
  const usual = { epochs: 12, batchSize: 32, rate: 2e-3, rateMultiplier: 1, headRate: 2e-3 };
  expect(prepared.effective()).toMatchObject({ ...usual, rank: 8, alpha: 16, layers: 2 });
});

test("an adapter of the ordered rank on the last layer alone is served as it was trained", async () => {
  const fitted = await fitOrdered(lora, { epochs: 3, lora: { rank: 4, layers: 1 } });
  const { model, prepared } = fitted;
  if (!("lora" in model)) throw new Error("a tuned model is needed");
  expect(model.lora.shape).toMatchObject({ rank: 4, alpha: 8, fromLayer: 1 });
  expect(model.lora.pairs.map(({ layer, a }) => [layer, a.length])).toEqual([
    [1, 4 * 8],
    [1, 4 * 8],
  ]);
  expect(prepared.effective()).toMatchObject({ rank: 4, alpha: 8, layers: 1 });
  await expectServed("ordered", fitted);
});

test("a rate that was lowered because the loss was no number is the one that is reported", async () => {
  const recipe = createTuned({
    ...{ id: "lora", usualGain: 0, rate: 2e-3, headRate: 2e-3, cost: 1, bytes: 0 },
    async tune({ config }, _data, head, { rate, lora: shape }) {
      if (rate > 1e-3) throw new DivergedError("the loss became NaN");
      return { head, lora: createLora(config, shape, 1) };
    },
  });
  const { prepared } = await fitOrdered(recipe, { learningRateMultiplier: 2 });
  expect(prepared.effective()).toMatchObject({ rate: 1e-3, rateMultiplier: 0.5 });
});
