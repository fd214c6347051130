import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { cachedBase } from "../../bases.fixture";
import type { EncoderConfig } from "../base/encoder-config";
import { openBase } from "../base/forward";
import { createLora } from "../base/lora-shape";
import { openTokenizer } from "../base/tokenizer";
import { countNgrams, fitVocabulary, vectorise } from "../data/features";
import { fromRows } from "../linear/matrix";
import { fitSvm, generator } from "../linear/svm";
import { readPeft } from "../portable/peft";
import { openTextFolder } from "../portable/text-folder";
import type { TextModel } from "../recipes/text-recipe";
import { prepareWide } from "../recipes/wide-part";
import type { BaseFiles, ExportOrder } from "../task";
import type { Plan } from "./labels.rows";
import { writeTextArtifact } from "./text-classification.artifact";
import { exportTextModel } from "./text-classification.export";
import { openClassifier } from "./text-classification.exported";

const root = mkdtempSync(join(tmpdir(), "graft-export-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const NAMES = ["delivery", "refund"];
const texts = Array.from({ length: 60 }, (_, i) =>
  i % 2 === 0 ? `where is parcel ${i}, 我的包裹 ${i}` : `refund order ${i} please 退款`,
);
const rows = texts.map((_, row) => row);
const labels = Int32Array.from(rows, (row) => row % 2);
const plan: Plan = {
  rows: { lines: rows, texts, labels, hashes: texts },
  names: NAMES,
  train: rows,
  test: [],
  testHashes: [],
  taughtOnly: [],
  unknownLabels: 0,
};
const facts = { model: "ft:a:b:c:d", created: 1_700_000_000, abstainBelow: 0.6, promised: [] };
const counted = texts.map(countNgrams);

async function store(
  name: string,
  model: TextModel,
  base: BaseFiles | null,
  vectors: Float32Array[] | null,
): Promise<string> {
  const dir = join(root, name);
  const scope = { score: "similarity", threshold: 0.4, auroc: 0.9 } as const;
  const of = { base, temperature: 0.37, seed: 1, task: "text-classification" };
  await writeTextArtifact(dir, model, plan, rows, vectors, { ...of, validateScope: async () => scope });
  return dir;
}
const orderOf = (artifactDir: string, base: BaseFiles | null, name: string): ExportOrder => ({
  artifactDir,
  base,
  dir: join(root, name),
  threads: 2,
  quoted: [],
  facts,
});
const contents = (dir: string) =>
  readdirSync(dir)
    .sort()
    .map((name) => [name, readFileSync(join(dir, name)).toString("base64")]);

function lexicalModel(): TextModel {
  const vocabulary = fitVocabulary(counted);
  const signal = new AbortController().signal;
  const head = fitSvm(vectorise(vocabulary, counted), labels, 2, { c: 1, seed: 1, signal });
  return { kind: "lexical", head, vocabulary };
}

test("a lexical model leaves as a graph over n-grams that answers alike, and the same model as the same bytes", async () => {
  const artifact = await store("lexical", lexicalModel(), null, null);
  const parity = await exportTextModel(orderOf(artifact, null, "lexical-out"));
  expect(parity.max_difference).toBeLessThanOrEqual(1e-4);
  expect(parity.rows).toBeGreaterThan(60);
  await exportTextModel(orderOf(artifact, null, "lexical-again"));
  expect(contents(join(root, "lexical-out"))).toEqual(contents(join(root, "lexical-again")));
  const folder = await openTextFolder(join(root, "lexical-out"), 1);
  const exported = await openClassifier(folder);
  const [known, foreign] = await exported.predict([["refund order 7"], ["xyzzy"]], 2);
  await folder.close();
  expect(known?.output).toMatchObject({ label: "refund", out_of_scope: false });
  expect(foreign?.output.out_of_scope).toBe(true);
  expect(known?.output.labels).toHaveLength(2);
});

test("no text of a row leaves with the model", async () => {
  const artifact = await store("texts", lexicalModel(), null, null);
  await exportTextModel(orderOf(artifact, null, "texts-out"));
  for (const [name, content] of contents(join(root, "texts-out")))
    expect(Buffer.from(String(content), "base64").includes("我的包裹"), name).toBe(false);
});

test("a model whose graph would answer otherwise is not exported", async () => {
  const model = lexicalModel();
  // What is no number is equal to nothing, and must not pass for no difference.
  model.head.weights.fill(Number.NaN);
  const broken = await store("broken", model, null, null);
  await expect(exportTextModel(orderOf(broken, null, "broken-out"))).rejects.toThrow("differs by");
});

const base = await cachedBase();

test("an adapter is merged into the weights and leaves in PEFT's form too", async ({ skip }) => {
  if (!base) return skip();
  const config: EncoderConfig = {
    hidden: 384,
    layers: 6,
    heads: 12,
    wide: 1536,
    epsilon: 1e-12,
    maxTokens: 512,
  };
  const adapter = createLora(config, { rank: 4, alpha: 8, targets: ["query", "value"], fromLayer: 0 }, 5);
  const random = generator(9);
  for (const { b } of adapter.pairs) for (let i = 0; i < b.length; i++) b[i] = (random() - 0.5) / 10;
  const tokenize = await openTokenizer(base.dir, 256);
  const session = await openBase(base.dir, { threads: 2 });
  const embed = (one: typeof adapter) =>
    session.embed(texts.map((text) => ({ ids: tokenize(text).ids, adapter: { key: "k", lora: one } })));
  const doubled = {
    ...adapter,
    pairs: adapter.pairs.map((pair) => ({ ...pair, b: pair.b.map((x) => x * 2) })),
  };
  const [vectors, plain] = [await embed(doubled), await session.embed(texts.map((text) => tokenize(text)))];
  await session.close();
  // Far enough from the base that an adapter left out would be seen.
  expect(Math.max(...(vectors[0] ?? []).map((x, j) => Math.abs(x - (plain[0]?.[j] ?? 9))))).toBeGreaterThan(
    0.01,
  );
  const fitWide = prepareWide({ embedded: fromRows(vectors), counted, labels, classes: 2 });
  const { head, ngrams } = await fitWide(0.6, { c: 10 });
  const reading = { rank: 8, strength: 1, ngrams: 0.5 };
  const artifact = await store("lora", { kind: "lora", head, ngrams, lora: adapter, reading }, base, vectors);
  const parity = await exportTextModel(orderOf(artifact, base, "lora-out"));
  expect(parity.max_difference).toBeLessThanOrEqual(1e-4);
  const { lora: peft } = await readPeft(join(root, "lora-out"), config);
  expect(peft.pairs[3]?.b[7]).toBeCloseTo(2 * (adapter.pairs[3]?.b[7] ?? 9), 6);
  const other = { ...base, sha256: "0" };
  await expect(exportTextModel(orderOf(artifact, other, "other-out"))).rejects.toThrow("needs the base");
});
