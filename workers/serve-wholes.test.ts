import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { cachedBase } from "@/lib/bases.fixture";
import { env } from "@/lib/env";
import { bytesOf, CHANGE_FILE, readArtifact, writeArtifact } from "@/lib/ml/artifact";
import { readEncoderConfig } from "@/lib/ml/base/encoder-config";
import { openFor } from "@/lib/ml/base/forward";
import { createLora, packLora, shapeOf } from "@/lib/ml/base/lora-shape";
import { openTokenizer } from "@/lib/ml/base/tokenizer";
import { generator } from "@/lib/ml/linear/svm";
import type { TrainResult } from "@/lib/ml/task";
import { openTextModel } from "@/lib/ml/tasks/text-classification.predict";
import { closeQueues } from "@/lib/queue";
import { createTenant } from "@/lib/tenants";
import { deployTinyModel, freePort, startServe, stopServe } from "./serve-fixtures";

/** Models whose base was tuned whole, each answering by weights of its own, beside those that share the base's. */
const base = await cachedBase();
const root = mkdtempSync(join(tmpdir(), "graft-wholes-"));
const TEXTS = ["please refund my order", "the parcel is late", "I cannot log in", ""];
/** Room for two of the base's size. */
const POOL_MB = 400;
type Asked = Awaited<ReturnType<typeof deployTinyModel>> & { dir: string };
const wholes: Asked[] = [];
const others: Asked[] = [];
let tenant: { tenantId: string; slug: string; apiKey: string };
let serve: ChildProcess;
let metricsPort = 0;

/** A frozen head whose base is as if tuned: unsure, so that other weights would be seen in its answers. */
async function rewritten(
  { artifactDir, ...trained }: TrainResult,
  tuned: { change?: Float32Array; seed?: number },
): Promise<TrainResult> {
  const { manifest, files } = await readArtifact(artifactDir);
  const { files: _, formatVersion: __, ...own } = manifest;
  const rest = { ...own, temperature: 8 };
  const dir = mkdtempSync(join(root, "model-"));
  if (tuned.change) {
    const all = { ...Object.fromEntries(files), [CHANGE_FILE]: bytesOf(tuned.change) };
    await writeArtifact(dir, { ...rest, recipe: "full" }, all);
  } else {
    const lora = createLora(await readEncoderConfig(base?.dir ?? ""), SHAPE, tuned.seed ?? 1);
    for (const { b } of lora.pairs) for (let i = 0; i < b.length; i++) b[i] = ((i % 7) - 3) / 40;
    const all = { ...Object.fromEntries(files), "adapter.f32": bytesOf(packLora(lora)) };
    await writeArtifact(dir, { ...rest, recipe: "lora", adapter: shapeOf(lora) }, all);
  }
  return { ...trained, artifactDir: dir };
}
const folderOf = (id: string) => join(env().home, "storage", tenant.tenantId, "models", id);
const SHAPE = { rank: 4, alpha: 4, targets: ["query", "value"], fromLayer: 0 } as const;

async function changeOf(seed: number): Promise<Float32Array> {
  const { hidden, wide, layers } = await readEncoderConfig(base?.dir ?? "");
  const random = generator(seed);
  const length = layers * (4 * hidden * hidden + 2 * hidden * wide);
  return Float32Array.from({ length }, () => (random() - 0.5) / 50);
}

beforeAll(async () => {
  if (!base) return;
  const mark = Date.now().toString(36);
  tenant = await createTenant({ name: `Whole ${mark}`, email: `w-${mark}@whole.test` });
  const deploy = async (name: string, tuned: Parameters<typeof rewritten>[1]) => {
    const deployed = await deployTinyModel(tenant, name, {
      base,
      rewrite: (trained) => rewritten(trained, tuned),
    });
    return { ...deployed, dir: folderOf(deployed.id) };
  };
  for (const seed of [1, 2, 3]) wholes.push(await deploy(`whole${seed}`, { change: await changeOf(seed) }));
  for (const seed of [1, 2]) others.push(await deploy(`adapter${seed}`, { seed }));
  metricsPort = await freePort();
  serve = await startServe(env().SERVE_PORT, {
    ...process.env,
    METRICS_PORT: String(metricsPort),
    GRAFT_SESSION_CACHE_MB: String(POOL_MB),
  });
}, 240_000);
afterAll(async () => {
  if (serve) await stopServe(serve, "SIGTERM");
  await Promise.all([closePools(), closeQueues()]);
  rmSync(root, { recursive: true, force: true });
});

const address = () => `http://127.0.0.1:${env().SERVE_PORT}`;
const post = async (path: string, body: object) => {
  const headers = { "content-type": "application/json", authorization: `Bearer ${tenant.apiKey}` };
  const response = await fetch(address() + path, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
};
const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1] ?? 0);
};
const opened = () => metric("graft_serve_session_open_seconds_count");

type Outputs = readonly { labels: readonly { label: string; probability: number }[] }[];
/** The most that any label's probability differs by. */
const apart = (one: Outputs, other: Outputs = []) =>
  Math.max(
    ...one.flatMap(({ labels }, row) =>
      labels.map(({ label, probability }) => {
        const twin = other[row]?.labels.find((found) => found.label === label);
        return Math.abs(probability - (twin?.probability ?? 9));
      }),
    ),
  );

/** As the engine answers by the model's files, in this process. */
async function answersHere(dir: string) {
  const { id = "", dir: baseDir = "" } = base ?? {};
  const tokenize = await openTokenizer(baseDir, 256);
  const predictor = await openTextModel(dir, async () => tokenize);
  const requests = predictor.before(TEXTS).requests.flat();
  const session = await openFor(baseDir, requests[0] ?? {}, { threads: 1 });
  const vectors = await session.embed(requests.map((one) => ({ ...one, base: id })));
  await session.close();
  const outputs = predictor.after(
    TEXTS,
    vectors.map((vector) => [vector]),
    { topK: 3, nearest: 0 },
  );
  return { vectors, outputs };
}

test.skipIf(!base)(
  "under calls from all sides models with weights of their own answer as the engine does, beside adapters, within the pool's bytes",
  async () => {
    const models = [...wholes, ...others];
    const here = [];
    for (const { dir } of models) here.push((await answersHere(dir)).outputs);
    let most = 0;
    const watching = setInterval(async () => {
      most = Math.max(most, await metric("graft_serve_own_session_bytes").catch(() => 0));
    }, 20);
    const asked = Array.from({ length: 40 }, (_, n) => n % models.length);
    const answers = await Promise.all(
      asked.map((n) => post("/v1/predictions", { model: models[n]?.name, input: TEXTS, top_k: 3 })),
    );
    clearInterval(watching);
    for (const [i, { status, body }] of answers.entries()) {
      expect(status).toBe(200);
      expect(apart(body.data, here[asked[i] ?? 0])).toBeLessThanOrEqual(1e-4);
    }
    // Each differs from the others, so none was answered by another's weights.
    for (const [n, one] of here.entries())
      for (const other of here.slice(n + 1)) expect(apart(one, other)).toBeGreaterThan(1e-3);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(POOL_MB * 1e6);
    expect(await opened()).toBeGreaterThanOrEqual(3);
  },
  120_000,
);

test.skipIf(!base)("a model that was displaced is opened again, once for all who ask at once", async () => {
  for (const { name } of wholes) await post("/v1/predictions", { model: name, input: "late" });
  const before = await opened();
  const body = { model: wholes[0]?.name, input: TEXTS };
  const answers = await Promise.all(Array.from({ length: 12 }, () => post("/v1/predictions", body)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await opened()).toBe(before + 1);
  expect(await metric("graft_serve_own_sessions")).toBe(2);
});

test.skipIf(!base)(
  "its embeddings are of its own weights, and both explanations speak of them",
  async () => {
    const [{ name, dir } = { name: "", dir: "" }] = wholes;
    const { vectors } = await answersHere(dir);
    const { body } = await post("/v1/embeddings", { model: name, input: TEXTS, encoding_format: "float" });
    for (const [n, { embedding }] of body.data.entries())
      for (const [i, x] of embedding.entries()) expect(x).toBeCloseTo(vectors[n]?.[i] ?? 9, 4);
    const [plain] = (
      await post("/v1/embeddings", { model: "minilm-l6", input: TEXTS, encoding_format: "float" })
    ).body.data;
    const cosine = plain.embedding.reduce(
      (sum: number, x: number, i: number) => sum + x * (vectors[0]?.[i] ?? 0),
      0,
    );
    expect(cosine).toBeLessThan(0.98);
    for (const explain of ["occlusion", "integrated_gradients"]) {
      const told = await post("/v1/predictions", { model: name, input: TEXTS[0], explain });
      expect(told.status).toBe(200);
      const { words, rest = 0, completeness_gap = 0 } = told.body.data[0].explanation;
      expect(words.map(({ text }: { text: string }) => text)).toEqual(["please", "refund", "my", "order"]);
      const said = words.reduce((sum: number, { weight }: { weight: number }) => sum + weight, rest);
      expect(Math.abs(completeness_gap)).toBeLessThan(0.02 * Math.max(1, Math.abs(said)));
    }
  },
  120_000,
);

test.skipIf(!base)(
  "it is taken away with its weights inside and no adapter, and the folder says why",
  async () => {
    const url = `${address()}/v1/models/${encodeURIComponent(wholes[1]?.name ?? "")}/export`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${tenant.apiKey}` } });
    expect(response.status).toBe(200);
    const files = unzipSync(Buffer.from(await response.arrayBuffer()));
    const text = (name: string) => Buffer.from(files[name] ?? []).toString();
    expect(JSON.parse(text("parity.json")).max_difference).toBeLessThanOrEqual(1e-4);
    expect(Object.keys(files)).not.toContain("adapter_model.safetensors");
    expect(text("README.md")).toContain("there is no adapter for `peft`");
    expect(JSON.parse(text("model.json"))).toMatchObject({ recipe: "full", tuned: "whole" });
  },
  120_000,
);

test.skipIf(!base)(
  "a model whose own weights were damaged or lost says so, and others do not notice",
  async () => {
    for (const spoil of [
      (path: string) => writeFileSync(path, readFileSync(path).fill(7, 1000, 1004)),
      (path: string) => rmSync(path),
    ]) {
      const change = await changeOf(9);
      const spoilt = await deployTinyModel(tenant, "spoilt", {
        base,
        rewrite: (trained) => rewritten(trained, { change }),
      });
      const folder = folderOf(spoilt.id);
      expect(readdirSync(folder)).toContain(CHANGE_FILE);
      expect(statSync(join(folder, CHANGE_FILE)).size).toBe(change.byteLength);
      spoil(join(folder, CHANGE_FILE));
      const [bad, good] = await Promise.all(
        [spoilt.name, wholes[0]?.name].map((model) => post("/v1/predictions", { model, input: "late" })),
      );
      expect([bad?.status, bad?.body.error.code, good?.status]).toEqual([500, "model_damaged", 200]);
    }
  },
  120_000,
);
