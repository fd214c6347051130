import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readEncoderConfig } from "../base/encoder-config";
import { openWhole } from "../base/forward";
import { openTokenizer } from "../base/tokenizer";
import { strongestOf } from "../base/whole-shape";
import { countNgrams } from "../data/features";
import { fromRows } from "../linear/matrix";
import type { TextModel } from "../recipes/text-recipe";
import { prepareWide } from "../recipes/wide-part";
import { contents, drawing, exportFolder, TEXTS } from "./export.fixture";
import type { Plan } from "./labels.rows";
import { writeTextArtifact } from "./text-classification.artifact";
import { exportTextModel } from "./text-classification.export";
import { measureOwnSession } from "./text-classification.own-session";

/** A model whose base was tuned whole, from its artifact on: what it costs to open, and how it leaves. */
const { base, remove, writeBase, newDir, order } = exportFolder();
const models = new Map<"whole" | 8, { dir: string; model: TextModel }>();

const labels = Int32Array.from(TEXTS, (_, row) => row % 2);
const rows = TEXTS.map((_, row) => row);
const plan: Plan = {
  rows: { lines: rows, texts: TEXTS, labels, hashes: TEXTS },
  names: ["delivery", "refund"],
  train: rows,
  test: [],
  testHashes: [],
  taughtOnly: [],
  unknownLabels: 0,
};

beforeAll(async () => {
  await writeBase();
  const config = await readEncoderConfig(base.dir);
  const { hidden, wide, layers } = config;
  const change = drawing()(layers * (4 * hidden * hidden + 2 * hidden * wide)).map((x) => x / 4);
  const tokenize = await openTokenizer(base.dir, 256);
  const of = { whole: { key: "k", change } };
  const session = await openWhole(base.dir, of.whole, "float32", { threads: 1 });
  const vectors = await session.embed(TEXTS.map((text) => ({ ids: tokenize(text).ids, ...of })));
  await session.close();
  const counted = TEXTS.map(countNgrams);
  const fitWide = prepareWide({ embedded: fromRows(vectors), counted, labels, classes: 2 });
  const { head, ngrams } = await fitWide(0.6, { c: 10 });
  const tuned = { kind: "full", head, ngrams, change, lora: strongestOf(change, config, 8) } as const;
  for (const rank of ["whole", 8] as const) {
    const model: TextModel = { ...tuned, reading: { rank, strength: 1, ngrams: 0.5 } };
    const facts = { base, temperature: 0.8, seed: 1, task: "text-classification" };
    const dir = newDir();
    await writeTextArtifact(dir, model, plan, rows, vectors, { ...facts, validateScope: async () => null });
    models.set(rank, { dir, model });
  }
}, 60_000);
afterAll(remove);

const measure = (rank: "whole" | 8) => {
  const { dir, model } = models.get(rank) as { dir: string; model: TextModel };
  const said: string[] = [];
  const run = { threads: 1, log: (_: string, message: string) => said.push(message) };
  return measureOwnSession(dir, model, base, run).then((found) => ({ found, said }));
};

test("the weights that it answers by are counted and its first answer is timed; a model of an adapter has neither", async () => {
  const { found, said } = await measure("whole");
  expect(found?.bytes).toBe(statSync(join(base.dir, "model.onnx")).size);
  expect(found?.coldMs).toBeGreaterThan(0);
  expect(said.join()).toContain(`${found?.coldMs} ms to the first answer`);
  expect(await measure(8)).toEqual({ found: undefined, said: [] });
});

test("it leaves as one graph that answers alike, equal each time, and without an adapter", async () => {
  const artifactDir = models.get("whole")?.dir ?? "";
  const [one, again] = [order(artifactDir, true), order(artifactDir, true)];
  expect((await exportTextModel(one)).max_difference).toBeLessThanOrEqual(1e-4);
  await exportTextModel(again);
  const files = new Map(contents(one.dir).map(([name, bytes]) => [name, bytes]));
  expect([...files.keys()].filter((name) => name?.includes("adapter"))).toEqual([]);
  expect(contents(again.dir)).toEqual([...files]);
  const other = order(models.get(8)?.dir ?? "", true);
  await exportTextModel(other);
  const narrow = new Map(contents(other.dir).map(([name, bytes]) => [name, bytes]));
  expect(narrow.has("adapter_model.safetensors")).toBe(true);
  expect(narrow.get("model.onnx")).not.toBe(files.get("model.onnx"));
});
