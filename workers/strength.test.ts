import type { ChildProcess } from "node:child_process";
import OpenAI, { toFile } from "openai";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { listAudit } from "@/lib/audit";
import { cachedBase } from "@/lib/bases.fixture";
import { env } from "@/lib/env";
import { openBackend } from "@/lib/ml/backend";
import { chosenStrength, strengthsOf } from "@/lib/ml/contract";
import { getModel } from "@/lib/models";
import { unique } from "@/lib/people.fixture";
import { taskOf } from "@/lib/tasks";
import { createTenant } from "@/lib/tenants";
import { runDueBatch } from "./run-batch";
import { deployTinyModel, openDoor, startServe, stopServe, until } from "./serve-fixtures";

/** How much a tuned adapter counts, set at a deployment and asked as customers ask it. */
const base = await cachedBase();
const canTune = base !== null && (await openBackend({ threads: 2 })).canTune;
if (!canTune) console.warn("SKIPPED: no adapter is tuned without the real base and a native backend");
const tuned = test.skipIf(!canTune);

let serve: ChildProcess;
let door: Awaited<ReturnType<typeof openDoor>>;
let acme: Awaited<ReturnType<typeof createTenant>>;
let other: Awaited<ReturnType<typeof createTenant>>;
/** A tuned one, and one of words alone. */
let model: string;
let plain: string;
/** The strength that the tuned one was written at. */
let chosen: number;
let count = 0;
let name: string;

const QUESTION = "the van with my order and my money";
const rows = ["refund", "delivery"].flatMap((target, n) =>
  Array.from({ length: 30 }, (_, i) => ({
    input: `${n === 0 ? "money back, refund my order" : "parcel late, where is my package"} number ${i}`,
    // Without a doubt there would be none in any answer.
    target: i % 6 === 5 ? "other" : target,
  })),
);

beforeAll(async () => {
  acme = await createTenant({ name: unique("Strong"), email: `${unique("strong")}@acme.test` });
  other = await createTenant({ name: unique("Weak"), email: `${unique("weak")}@other.test` });
  plain = (await deployTinyModel(acme, "plain", { rows })).name;
  if (canTune) {
    const hyperparameters = { epochs: 6, lora: { rank: 4, layers: 2 } };
    model = (await deployTinyModel(acme, "tuned", { base, recipe: "lora", rows, hyperparameters })).name;
    chosen = chosenStrength((await getModel(acme.tenantId, model)).report) as number;
  }
  door = await openDoor(env().PORT);
  serve = await startServe(env().SERVE_PORT, process.env);
}, 300_000);
afterAll(async () => {
  await stopServe(serve, "SIGTERM");
  door.close();
  await closePools();
});
beforeEach(async () => {
  count += 1;
  name = `router-${count}`;
  await made(name, canTune ? model : plain);
});

const api = async (method: string, path: string, body?: unknown, key = acme.apiKey, at = door.url) => {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const response = await fetch(at + path, {
    ...{ method, headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
};
const made = (name: string, model: string) => api("POST", "/v1/deployments", { name, model });
const at = (path = "") => `/v1/deployments/${name}${path}`;
const setTo = async (strength: number | null, of = name) => {
  const { status, body } = await api("PATCH", `/v1/deployments/${of}`, { strength });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};
const ask = async (model: string, more: object = {}) => {
  const { status, body } = await api("POST", "/v1/predictions", { model, input: QUESTION, ...more });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};
const vectorOf = async (model: string): Promise<number[]> => {
  const { body } = await api("POST", "/v1/embeddings", { model, input: QUESTION, encoding_format: "float" });
  return body.data[0].embedding;
};
const apart = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));

tuned("at strength 0 a text has exactly the base's vector, at the chosen one the model's own", async () => {
  const [own, bases] = [await vectorOf(model), await vectorOf("minilm-l6")];
  expect(apart(own, bases)).toBeGreaterThan(1e-3);
  expect(await setTo(0)).toMatchObject({ model, strength: 0 });
  expect(apart(await vectorOf(name), bases)).toBeLessThanOrEqual(1e-6);
  const before = await ask(model);
  await setTo(chosen);
  expect(apart(await vectorOf(name), own)).toBeLessThanOrEqual(1e-6);
  const { data, graft } = await ask(name);
  expect(graft).toEqual({ strength: chosen });
  expect(data[0].confidence).toBeCloseTo(before.data[0].confidence, 6);
  await setTo(null);
  expect(await ask(name)).not.toHaveProperty("graft");
});

tuned(
  "names of one model at different strengths are asked at once and none answers for another",
  async () => {
    const strengths = [0, 0.2, 0.5, 0.8, 1];
    const names = strengths.map((_, n) => `${name}-at-${n}`);
    for (const [n, one] of names.entries()) {
      await made(one, model);
      await setTo(strengths[n] as number, one);
    }
    const alone = [];
    for (const one of names) alone.push(await vectorOf(one));
    for (const [n, one] of alone.entries())
      for (const next of alone.slice(n + 1)) expect(apart(one, next)).toBeGreaterThan(1e-4);
    const together = await Promise.all(
      Array.from({ length: 60 }, async (_, n) => ({
        n,
        vector: await vectorOf(names[n % names.length] ?? ""),
      })),
    );
    for (const { n, vector } of together)
      expect(apart(vector, alone[n % names.length] ?? [])).toBeLessThanOrEqual(1e-5);
  },
);

tuned("answers, chats, explanations and serve's own port count the adapter as the name says", async () => {
  const full = await ask(model);
  await setTo(0.1);
  const weak = await ask(name);
  expect(weak).toMatchObject({ model, graft: { strength: 0.1 } });
  const [probability] = [weak.data[0].confidence];
  expect(Math.abs(probability - full.data[0].confidence)).toBeGreaterThan(1e-4);
  const own = `http://127.0.0.1:${env().SERVE_PORT}`;
  const direct = await api("POST", "/v1/predictions", { model: name, input: QUESTION }, acme.apiKey, own);
  expect(direct.body.data[0].confidence).toBeCloseTo(probability, 5);
  const client = new OpenAI({ apiKey: acme.apiKey, baseURL: `${door.url}/v1` });
  const messages = [{ role: "user" as const, content: QUESTION }];
  const chat = await client.chat.completions.create({ model: name, messages, logprobs: true });
  expect(chat).toMatchObject({ model, graft: { strength: 0.1 } });
  expect(Math.exp(chat.choices[0]?.logprobs?.content?.[0]?.logprob ?? 0)).toBeCloseTo(probability, 5);
  for (const explain of ["occlusion", "integrated_gradients"]) {
    const [one, two] = [await ask(name, { explain }), await ask(model, { explain })].map(
      ({ data }) => data[0],
    );
    expect(one.confidence).toBeCloseTo(probability, 5);
    const weightsOf = ({ explanation }: { explanation: { words: { weight: number }[] } }) =>
      explanation.words.map(({ weight }) => weight);
    expect(apart(weightsOf(one), weightsOf(two)), explain).toBeGreaterThan(1e-4);
    // Gradients are those of what answered: they add up to its own difference.
    if (explain === "integrated_gradients")
      expect(Math.abs(one.explanation.completeness_gap)).toBeLessThan(0.05);
  }
});

/** Models of other tasks, and a figure of an answer that what is tuned has a part in. */
const others = [
  {
    task: "text-number",
    metric: "pearson",
    rows: rows.map(({ input }, n) => ({ input: `${input} ${"!".repeat(n % 5)}`, target: n % 5 })),
    figureOf: ({ value }: { value: number }) => value,
  },
  {
    task: "text-entities",
    metric: "span_f1",
    rows: rows.map(({ input }) => {
      const start = input.indexOf("order") < 0 ? input.indexOf("package") : input.indexOf("order");
      const end = start + (input.includes("order") ? 5 : 7);
      return { input, target: [{ start, end, label: "thing" }] };
    }),
    figureOf: ({ spans }: { spans: { confidence: number }[] }) =>
      spans.reduce((sum, { confidence }) => sum + confidence, 0),
  },
] as const;

tuned.each(others)(
  "$task: its strength was chosen by its own metric, and is set and asked for as that of any other",
  async ({ task, metric, rows, figureOf }) => {
    const hyperparameters = { epochs: 2, lora: { rank: 4, layers: 2 } };
    const of = { base, recipe: "lora", task: taskOf(task), rows: rows as never, hyperparameters };
    const { name: own } = await deployTinyModel(acme, task.slice(5), of);
    const { report } = await getModel(acme.tenantId, own);
    const strengths = strengthsOf(report);
    expect(strengths).toMatchObject({ metric, rows: rows.length });
    expect(strengths?.tried.map(({ strength }) => strength)).toEqual([1, 0.75, 0.5]);
    expect(strengths?.tried.filter(({ chosen }) => chosen)).toHaveLength(1);
    const kept = chosenStrength(report) as number;
    expect(report.compared.find(({ chosen }) => chosen)?.effective).toMatchObject({
      strength: kept,
      rank: 4,
    });
    const figureAt = async (strength?: number) =>
      figureOf((await ask(own, strength === undefined ? {} : { strength })).data[0]);
    const full = await figureAt();
    expect(await figureAt(kept)).toBeCloseTo(full, 6);
    expect(Math.abs((await figureAt(0)) - full)).toBeGreaterThan(1e-4);
    const named = `${name}-${metric.replace("_", "-")}`;
    await made(named, own);
    expect(await setTo(0.3, named)).toMatchObject({ strength: 0.3 });
    expect(figureOf((await ask(named)).data[0])).toBeCloseTo(await figureAt(0.3), 6);
  },
  120_000,
);

tuned("a call may say the strength for itself alone, and nothing that answers others changes", async () => {
  await setTo(0.1);
  const set = await ask(name);
  expect(await ask(model, { strength: 0.1 })).toMatchObject({
    ...{ model, graft: { strength: 0.1 } },
    data: [{ confidence: expect.closeTo(set.data[0].confidence, 5) }],
  });
  const weaker = await ask(name, { strength: 0 });
  expect(weaker).toMatchObject({ model, graft: { strength: 0 } });
  expect(weaker.data[0].confidence).not.toBeCloseTo(set.data[0].confidence, 5);
  expect((await ask(name)).data[0].confidence).toBeCloseTo(set.data[0].confidence, 6);
  expect((await api("GET", at("/history"))).body.data).toHaveLength(2);
});

tuned(
  "a strength at which a saved example fails is set only by force, and examples are asked at it",
  async () => {
    const words = ["money", "parcel", "refund", "late", "order", "back", "package", "where", "please", "now"];
    const texts = words.flatMap((one) => words.map((two) => `${one} ${two}`));
    const labelsAt = async (strength: number) =>
      (await ask(model, { input: texts, strength })).data.map(({ label }: { label: string }) => label);
    const [weak, own] = [await labelsAt(0), await labelsAt(chosen)];
    const n = texts.findIndex((_, n) => weak[n] !== own[n]);
    expect(n, "no text is answered otherwise without the adapter").toBeGreaterThanOrEqual(0);
    await api("POST", at("/examples"), { input: texts[n], expected: own[n] });
    const check = async (body: object) => (await api("POST", at("/examples/check"), body)).body.data[0];
    expect(await check({ model })).toMatchObject({ answer: own[n], passed: true });
    expect(await check({ model, strength: 0 })).toMatchObject({ answer: weak[n], passed: false });
    const refused = await api("PATCH", at(), { strength: 0 });
    expect(refused).toMatchObject({
      status: 409,
      body: { error: { code: "examples_failed", param: "strength" } },
    });
    expect(refused.body.error.message).toContain(texts[n]);
    expect((await api("GET", at())).body).toMatchObject({ strength: null });
    expect((await api("PATCH", at(), { strength: 0, force: true })).body).toMatchObject({ strength: 0 });
    expect((await api("GET", at("/history"))).body.data[0]).toMatchObject({ kind: "strength", forced: true });
    // The version that answers is checked as it answers under this name.
    expect(await check({ model })).toMatchObject({ answer: weak[n], passed: false });
    expect(await setTo(null)).toMatchObject({ strength: null });
  },
);

tuned("a batch by a name's requests is answered at its strength", async () => {
  await setTo(0.1);
  const line = (id: string, model: string) =>
    JSON.stringify({
      ...{ custom_id: id, method: "POST", url: "/v1/predictions" },
      body: { model, input: QUESTION },
    });
  const client = new OpenAI({ apiKey: acme.apiKey, baseURL: `${door.url}/v1` });
  const file = await toFile(Buffer.from(`${line("weak", name)}\n${line("own", model)}`), "asked.jsonl");
  const { id: input_file_id } = await client.files.create({ file, purpose: "batch" });
  const { id } = await client.batches.create({
    input_file_id,
    endpoint: "/v1/predictions" as "/v1/embeddings",
    completion_window: "24h",
  });
  const done = await until("the batch", async () => {
    await runDueBatch(new AbortController().signal);
    const batch = await client.batches.retrieve(id);
    return batch.status === "completed" && batch;
  });
  const text = await (await client.files.content(done.output_file_id ?? "")).text();
  const [weak, own] = text
    .trim()
    .split("\n")
    .map((one) => JSON.parse(one).response.body);
  expect(weak).toMatchObject({ model, graft: { strength: 0.1 } });
  expect(weak.data[0].confidence).toBeCloseTo((await ask(name)).data[0].confidence, 5);
  expect(own.data[0].confidence).toBeCloseTo((await ask(model)).data[0].confidence, 5);
  expect(own).not.toHaveProperty("graft");
});

tuned("a canary and a shadow answer as chosen, and a shadow is counted anew after a change", async () => {
  const { name: second } = await deployTinyModel(acme, "beside", { rows });
  await setTo(0.3);
  await api("PATCH", at(), { shadow: { model: second } });
  await ask(name);
  const counted = (rows: number) =>
    until(`${rows} compared`, async () => (await api("GET", at("/shadow"))).body.rows === rows);
  await counted(1);
  await setTo(0.4);
  await counted(0);
  // The tuned one as the canary of a name whose version is another.
  const back = `${name}-canary`;
  await made(back, second);
  await api("PATCH", `/v1/deployments/${back}`, { canary: { model, percent: 99 } });
  const answer = await until("the canary's turn", async () => {
    const found = await ask(back);
    return found.model === model && found;
  });
  expect(answer).not.toHaveProperty("graft");
});

tuned(
  "a promotion sets the strength back, a roll back restores it, and history and audit say who set what",
  async () => {
    await setTo(0.4);
    await setTo(0.4);
    expect((await api("POST", at("/promote"), { model: plain })).body).toMatchObject({ strength: null });
    expect((await api("POST", at("/rollback"))).body).toMatchObject({ model, strength: 0.4 });
    expect(await ask(name)).toMatchObject({ graft: { strength: 0.4 } });
    expect((await api("POST", at("/rollback"))).body).toMatchObject({ model: plain, strength: null });
    const { body } = await api("GET", at("/history"));
    expect(body.data.map(({ kind, strength }: Record<string, unknown>) => [kind, strength])).toEqual([
      ["rolled_back", null],
      ["rolled_back", 0.4],
      ["promoted", null],
      ["strength", 0.4],
      ["created", null],
    ]);
    const audited = (await listAudit(acme.tenantId)).filter(
      ({ action, target }) => action === "deployment.strength" && target === name,
    );
    expect(audited).toMatchObject([{ data: { strength: 0.4 } }]);
    expect((await api("GET", `/v1/models/${name}`)).body.graft.deployment).toMatchObject({ strength: null });
  },
);

test("a version without a measured adapter, a number that is no share and a stranger are refused", async () => {
  const words = `${name}-words`;
  await made(words, plain);
  const refused = await api("PATCH", `/v1/deployments/${words}`, { strength: 0.5 });
  expect(refused).toMatchObject({
    status: 400,
    body: { error: { code: "unsupported_parameter", param: "strength" } },
  });
  expect(refused.body.error.message).toContain("`lora` or `full`");
  expect(
    (await api("POST", "/v1/predictions", { model: words, input: "x", strength: 0.5 })).body,
  ).toMatchObject({
    error: { code: "unsupported_parameter", param: "strength" },
  });
  for (const strength of [-0.1, 1.1, "strong"])
    expect((await api("PATCH", at(), { strength })).body, String(strength)).toMatchObject({
      error: { code: "invalid_request", param: "strength" },
    });
  expect((await api("PATCH", at(), { strength: 0.5 }, other.apiKey)).status).toBe(404);
  expect((await api("GET", at())).body).toMatchObject({ strength: null });
});
