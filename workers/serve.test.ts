import type { ChildProcess } from "node:child_process";
import { sql } from "drizzle-orm";
import { encode } from "next-auth/jwt";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { members } from "@/db/schema/people";
import { forTenant } from "@/db/tenant";
import { cachedBase } from "@/lib/bases.fixture";
import { offer, openShop, profile } from "@/lib/billing.fixture";
import { saveProfile } from "@/lib/billing-profiles";
import { saveBudget } from "@/lib/budgets";
import { env } from "@/lib/env";
import { createProbeKey } from "@/lib/keys";
import { explanationSchema } from "@/lib/ml/contract";
import { monthStart } from "@/lib/periods";
import { closeQueues } from "@/lib/queue";
import { readiness } from "@/lib/readiness";
import { openSession } from "@/lib/session";
import { subscribe } from "@/lib/subscriptions";
import { createTenant } from "@/lib/tenants";
import { recordUsage, usageByDay } from "@/lib/usage";
import { deployTinyModel, openDoor, startServe, stopServe, until } from "./serve-fixtures";

type Tenant = { tenantId: string; slug: string; apiKey: string };
let acme: Tenant;
let other: Tenant;
let model: { id: string; name: string };
let foreign: { id: string; name: string };
let serve: ChildProcess;
let port = 0;
let door: Awaited<ReturnType<typeof openDoor>>;

/** Only the two settings that a customer changes. */
const client = (tenant: Tenant) => new OpenAI({ baseURL: `${door.url}/v1`, apiKey: tenant.apiKey });
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(door.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
const bearer = (tenant: Tenant) => ({ authorization: `Bearer ${tenant.apiKey}` });
/** What the owner's browser sends. */
async function consoleOf({ tenantId, slug }: Tenant) {
  const [owner] = await forTenant(tenantId, (tx) => tx.select(members));
  const sessionId = await openSession(owner?.userId ?? "");
  const secret = env().NEXTAUTH_SECRET;
  const cookie = `next-auth.session-token=${await encode({ token: { sessionId }, secret })}`;
  return { cookie, "graft-tenant": slug, origin: env().publicUrl };
}
const usageOf = (tenant: Tenant) => usageByDay(tenant.tenantId, 1);
const messages = [{ role: "user" as const, content: "please refund my order" }];

const base = await cachedBase();
beforeAll(async () => {
  port = env().SERVE_PORT;
  const mark = Date.now().toString(36);
  acme = await createTenant({ name: `Acme ${mark}`, email: `a-${mark}@acme.test` });
  other = await createTenant({ name: `Other ${mark}`, email: `b-${mark}@other.test` });
  model = await deployTinyModel(acme, "tickets");
  foreign = await deployTinyModel(other, "tickets");
  door = await openDoor();
  serve = await startServe(port, process.env);
});
afterAll(async () => {
  await stopServe(serve, "SIGTERM");
  door.close();
  await Promise.all([closePools(), closeQueues()]);
});

test("the openai client lists, reads and deletes models whose names have colons", async () => {
  const gone = await deployTinyModel(acme, "gone");
  const openai = client(acme);
  const listed = [];
  for await (const entry of openai.models.list()) listed.push(entry.id);
  expect(listed).toEqual(["minilm-l6", gone.name, model.name]);
  expect(await openai.models.retrieve(gone.name)).toMatchObject({ id: gone.name, owned_by: acme.slug });
  await post("/v1/predictions", { model: gone.name, input: "hello" }, bearer(acme));
  expect(await openai.models.delete(gone.name)).toMatchObject({ id: gone.name, deleted: true });
  await expect(openai.models.retrieve(gone.name)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  const asked = await post("/v1/predictions", { model: gone.name, input: "hello" }, bearer(acme));
  expect(asked.status).toBe(404);
});

test("a chat answer is the label, and exp(logprob) its probability", async () => {
  const openai = client(acme);
  const plain = await openai.chat.completions.create({ model: model.name, messages, temperature: 0.2 });
  expect(plain.choices[0]).toMatchObject({ finish_reason: "stop", logprobs: null });
  expect(plain.choices[0]?.message.content).toBe("refund");
  const parts = [{ role: "user" as const, content: [{ type: "text" as const, text: "courier never came" }] }];
  const asked = { model: model.name, messages: parts, logprobs: true, top_logprobs: 20 };
  const choice = (await openai.chat.completions.create(asked)).choices[0];
  const token = choice?.logprobs?.content?.[0];
  expect(token?.token).toBe("delivery");
  const sum = token?.top_logprobs.reduce((total, entry) => total + Math.exp(entry.logprob), 0);
  expect(sum).toBeCloseTo(1, 5);
});

test("a streamed chat ends with a finish reason and, when asked, the usage", async () => {
  const stream = await client(acme).chat.completions.create({
    model: model.name,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("refund");
  expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("stop");
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 1 } });
});

test("what a label cannot be is refused by the parameter's name", async () => {
  const openai = client(acme);
  const tools = [{ type: "function" as const, function: { name: "f", parameters: {} } }];
  const image = [{ type: "image_url" as const, image_url: { url: "data:," } }];
  for (const [param, extra] of [
    ["n", { n: 2 }],
    ["tools", { tools }],
    ["response_format", { response_format: { type: "json_object" as const } }],
    ["top_logprobs", { top_logprobs: 3 }],
    ["messages", { messages: [{ role: "user" as const, content: image }] }],
  ] satisfies [string, object][]) {
    const refused = openai.chat.completions.create({ model: model.name, messages, ...extra });
    await expect(refused).rejects.toMatchObject({ status: 400, code: "unsupported_parameter", param });
  }
});

test("embeddings decode the same from the client's default base64 and from floats", async ({ skip }) => {
  const openai = client(acme);
  const tokens = openai.embeddings.create({ model: "minilm-l6", input: [[1, 2, 3]] });
  await expect(tokens).rejects.toMatchObject({ code: "input_shape", param: "input" });
  if (!base) skip("the base is not installed");
  const ask = { model: "minilm-l6", input: ["a parcel", "the password"] };
  const [coded, plain] = await Promise.all([
    openai.embeddings.create(ask),
    openai.embeddings.create({ ...ask, encoding_format: "float" }),
  ]);
  for (const [n, { embedding }] of coded.data.entries()) {
    expect(embedding.length).toBe(384);
    expect(Math.hypot(...embedding)).toBeCloseTo(1, 4);
    expect(embedding[7]).toBeCloseTo(plain.data[n]?.embedding[7] ?? 9, 5);
  }
});

test("a model over the base answers, and names the training rows that are nearest", async ({ skip }) => {
  if (!base) skip("the base is not installed");
  const { name } = await deployTinyModel(acme, "head", { base });
  const body = { model: name, input: ["I want my money back", "the parcel is late"], nearest: 3, top_k: 1 };
  const answer = await (await post("/v1/predictions", body, bearer(acme))).json();
  expect(answer.data.map((item: { label: string }) => item.label)).toEqual(["refund", "delivery"]);
  for (const item of answer.data) {
    expect(item.nearest.length).toBe(3);
    expect(item.nearest[0].similarity).toBeGreaterThanOrEqual(item.nearest[2].similarity);
    expect(item.nearest[0].label).toBe(item.label);
  }
});

test("another tenant's model and one that never was answer alike, and errors carry code and request id", async () => {
  const absent = foreign.name.replace(/[^:]+$/, "01j0000000000000000000000x");
  const openai = client(acme);
  const ways = [
    (name: string) => openai.models.retrieve(name),
    (name: string) => openai.models.delete(name),
    (name: string) => openai.chat.completions.create({ model: name, messages }),
    (name: string) => openai.embeddings.create({ model: name, input: "x" }),
    (name: string) => openai.post("/predictions", { body: { model: name, input: "x" } }),
  ];
  for (const way of ways) {
    const refusal = (name: string) =>
      Promise.resolve(way(name)).then(
        () => ({ message: "it answered", error: null }),
        (error: InstanceType<typeof OpenAI.APIError>) => error,
      );
    const [a, b] = [await refusal(foreign.name), await refusal(absent)];
    expect(a).toMatchObject({
      status: 404,
      code: "model_not_found",
      requestID: expect.stringMatching(/^req_/),
    });
    expect([a.message, a.error]).toEqual([b.message, b.error]);
  }
});

test("256 rows in one call answer in order, with what was asked for and nothing else", async () => {
  const input = Array.from({ length: 256 }, (_, n) =>
    n % 2 ? "refund my order" : { text: "reset password" },
  );
  const response = await post("/v1/predictions", { model: model.name, input, top_k: 2 }, bearer(acme));
  const answer = await response.json();
  expect(answer.usage.inputs).toBe(256);
  expect(answer.data.map((item: { index: number }) => item.index)).toEqual(input.map((_, n) => n));
  expect(answer.data[0].label).toBe("account");
  expect(answer.data[1].label).toBe("refund");
  expect(answer.data[1].labels.length).toBe(2);
  expect(answer.data[1]).not.toHaveProperty("abstained");
  expect(Number(response.headers.get("x-ratelimit-remaining-requests"))).toBeGreaterThan(0);
  const unsure = { model: model.name, input: "hello", threshold: 1, nearest: 3 };
  const withheld = await (await post("/v1/predictions", unsure, bearer(acme))).json();
  expect(withheld.data[0].abstained).toBe(true);
  for (const bad of [[], Array(2049).fill("x"), [1], null]) {
    const refused = await post("/v1/predictions", { model: model.name, input: bad }, bearer(acme));
    expect(await refused.json()).toMatchObject({ error: { code: "input_shape", param: "input" } });
  }
});

test("an explained answer is the same answer, and its words say what it came from; it costs one row", async () => {
  const input = "😀 please refund my order";
  const ask = async (body: object) => {
    const response = await post("/v1/predictions", { model: model.name, input, ...body }, bearer(acme));
    return (await response.json()) as { data: Record<string, unknown>[]; usage: object };
  };
  const [plain, explained] = [await ask({}), await ask({ explain: true })];
  const { explanation, ...answer } = explained.data[0] ?? {};
  expect(answer).toEqual(plain.data[0]);
  expect(explained.usage).toEqual(plain.usage);
  const { label, words, labels } = explanationSchema.parse(explanation);
  expect([label, labels[0]?.label]).toEqual([answer.label, answer.label]);
  expect(words.map(({ text }) => text)).toEqual(["😀", "please", "refund", "my", "order"]);
  const points = [...input];
  for (const { start, end, text } of words) expect(points.slice(start, end).join("")).toBe(text);
  const most = words.reduce((a, b) => (b.weight > a.weight ? b : a));
  expect([most.text, most.weight > 0]).toEqual(["refund", true]);
  const many = await post(
    "/v1/predictions",
    { model: model.name, input: Array(17).fill(input), explain: true },
    bearer(acme),
  );
  expect([many.status, await many.json()]).toMatchObject([400, { error: { param: "input" } }]);
});

test("integrated gradients add up to what they explain; a model without a base refuses them", async ({
  skip,
}) => {
  const explain = "integrated_gradients";
  const ask = async (name: string) => {
    const input = "please refund my order";
    const response = await post("/v1/predictions", { model: name, input, explain }, bearer(acme));
    return { status: response.status, body: await response.json() };
  };
  expect(await ask(model.name)).toMatchObject({ status: 400, body: { error: { param: "explain" } } });
  if (!base) skip("the base is not installed");
  const based = await deployTinyModel(acme, "gradients", { base });
  const { status, body } = await ask(based.name);
  expect([status, body.error]).toEqual([200, undefined]);
  const found = explanationSchema.parse(body.data[0].explanation);
  expect(found).toMatchObject({ method: explain, label: "refund" });
  expect(found.words.map(({ text }) => text)).toEqual(["please", "refund", "my", "order"]);
  const said = found.words.reduce((sum, { weight }) => sum + weight, found.rest ?? Number.NaN);
  expect(Math.abs(found.completeness_gap ?? 9)).toBeLessThan(0.02 * Math.max(1, Math.abs(said)));
  const most = found.words.reduce((a, b) => (b.weight > a.weight ? b : a));
  expect(most.text).toBe("refund");
});

test("a dropped file comes back with a label for every row, and its rows are metered", async () => {
  const send = (fields: Record<string, string>, text: string, name = "tickets März.csv") => {
    const form = new FormData();
    form.set("file", new Blob([text], { type: "text/csv" }), name);
    for (const [field, value] of Object.entries(fields)) form.set(field, value);
    return fetch(`${door.url}/v1/predictions/file`, { method: "POST", headers: bearer(acme), body: form });
  };
  const rows = Array.from({ length: 300 }, (_, n) => `${n},${n % 2 ? "refund my order" : "reset password"}`);
  const text = `id,text\n${rows.join("\n")}\n`;
  const response = await send({ model: model.name, format: "csv" }, text);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-disposition")).toContain(
    "filename*=UTF-8''tickets%20M%C3%A4rz-labelled.csv",
  );
  const lines = (await response.text()).trim().split(/\r?\n/);
  expect(lines.length).toBe(301);
  expect(lines[1]).toMatch(/^"?0"?,"?reset password"?,"?account"?,/);
  expect(lines[300]).toMatch(/^"?299"?,"?refund my order"?,"?refund"?,/);
  await until("its rows to be metered", async () =>
    (await usageOf(acme)).find((line) => line.route === "/v1/predictions/file" && line.billable === 300),
  );
  const absent = await send({ model: foreign.name }, text);
  expect([absent.status, (await absent.json()).error.code]).toEqual([404, "model_not_found"]);
  const unknown = await send({ model: model.name, text_column: "nope" }, text);
  expect((await unknown.json()).error.code).toBe("column_unknown");
  const bare = await post("/v1/predictions/file", { model: model.name }, bearer(acme));
  expect((await bare.json()).error.code).toBe("multipart_invalid");
});

test("a key pays, a test in the console is free, and another site's page may not ask at all", async () => {
  const page = await consoleOf(other);
  const body = { model: foreign.name, input: ["a", "b", "c"] };
  expect((await post("/v1/predictions", body, page)).status).toBe(200);
  expect((await post("/v1/predictions", body, { ...page, origin: "https://evil.test" })).status).toBe(403);
  expect((await post("/v1/predictions", body, bearer(other))).status).toBe(200);
  const lines = await until("both to be metered", async () => {
    const found = await usageOf(other);
    return found.length === 2 && found;
  });
  expect(lines.find((line) => line.reason === "console")).toMatchObject({ rows: 3, billable: 0, free: 3 });
  expect(lines.find((line) => line.reason === null)).toMatchObject({
    rows: 3,
    billable: 3,
    keyName: "First key",
  });
});

test("over its spend limit a key gets 429 once, and the console, which is free, goes on", async () => {
  await openShop();
  await offer("by-row", {
    base: "0",
    meters: { "inference.row": { included: "0", tiers: [{ up_to: null, unit_decimal: "0.01" }] } },
  });
  await saveProfile(other.tenantId, profile(), "test");
  const startsAt = monthStart(new Date());
  await subscribe(other.tenantId, { planId: "by-row", startsAt }, "test");
  await saveBudget(other.tenantId, { hardMinor: 0 }, "test");
  const ask = () =>
    client(other)
      .chat.completions.create({ model: foreign.name, messages })
      .then(
        () => null,
        (error) => error,
      );
  await expect.poll(ask, { timeout: 15_000, interval: 1000 }).toBeInstanceOf(OpenAI.RateLimitError);
  const at = door.asked.length;
  expect(await ask()).toMatchObject({ code: "spend_limit_reached", type: "insufficient_quota" });
  expect(door.asked.length - at).toBe(1);
  const inputs = { model: foreign.name, input: ["a", "b"] };
  expect((await post("/v1/predictions", inputs, bearer(other))).status).toBe(429);
  expect((await post("/v1/predictions", inputs, await consoleOf(other))).status).toBe(200);
});

test("a model on probation answers the platform's own key alone, free of charge", async () => {
  const probed = await deployTinyModel(other, "probed", { state: "probing" });
  const body = { model: probed.name, input: "hello" };
  expect((await post("/v1/predictions", body, bearer(other))).status).toBe(404);
  const probe = { authorization: `Bearer ${await createProbeKey(other.tenantId)}` };
  expect((await post("/v1/predictions", body, probe)).status).toBe(200);
  await until("the probe to be metered", async () =>
    (await usageOf(other)).find((line) => line.reason === "probe" && line.free === 1),
  );
});

test("kill -9 right after an answer loses no usage, and replaying it three times adds nothing", async () => {
  const before = (await usageOf(acme)).reduce((sum, line) => sum + line.rows, 0);
  const body = { model: model.name, input: Array(7).fill("parcel late") };
  const again = { ...bearer(acme), "idempotency-key": `once-${Date.now()}` };
  for (let n = 0; n < 3; n++) expect((await post("/v1/predictions", body, again)).status).toBe(200);
  await stopServe(serve, "SIGKILL");
  const away = await post("/v1/predictions", body, bearer(acme));
  expect([away.status, (await away.json()).error.code]).toEqual([503, "serving_unavailable"]);
  expect(Number(away.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await readiness()).toMatchObject({ ready: false, missing: ["serving"] });
  serve = await startServe(port, process.env);
  expect(await readiness()).toMatchObject({ ready: true, missing: [] });
  const rows = async () => (await usageOf(acme)).reduce((sum, line) => sum + line.rows, 0);
  await until("the spool to be delivered", async () => (await rows()) >= before + 7);
  const event = {
    tenantId: acme.tenantId,
    id: `req_${Date.now()}`,
    meter: "inference.row" as const,
    quantity: 5,
    isBillable: true,
    reason: null,
    model: model.name,
    keyId: null,
    userId: null,
    route: "/v1/predictions",
    tokens: 5,
    occurredAt: new Date().toISOString(),
  };
  for (let n = 0; n < 3; n++) await recordUsage([event, event]);
  expect(await rows()).toBe(before + 12);
});

test("a tenant over its quota gets 429 with the time to wait, and the client asks again by itself", async () => {
  await forTenant(acme.tenantId, (tx) =>
    tx.query(sql`update tenants set settings = '{"requestsPerMinute": 1}' where id = ${acme.tenantId}`),
  );
  const waits: number[] = [];
  // The minute may be long: the client is told to wait less, and does what it is told.
  const impatient: typeof fetch = async (...asked) => {
    const response = await fetch(...asked);
    waits.push(Number(response.headers.get("retry-after-ms")));
    const headers = new Headers(response.headers);
    if (response.status === 429) headers.set("retry-after-ms", "20");
    return new Response(response.body, { status: response.status, headers });
  };
  const options = { baseURL: `${door.url}/v1`, apiKey: acme.apiKey, maxRetries: 1, fetch: impatient };
  const openai = new OpenAI(options);
  const ask = () => openai.chat.completions.create({ model: model.name, messages }).catch((error) => error);
  // The limit counts from when this process asks for more of its minute.
  const refused = await until("a refusal", async () => {
    const answer = await ask();
    return answer instanceof OpenAI.RateLimitError && answer;
  });
  expect(refused).toMatchObject({ code: "rate_limit_exceeded", type: "rate_limit_error" });
  expect(refused.headers.get("x-ratelimit-remaining-requests")).toBe("0");
  expect(refused.headers.get("ratelimit")).toMatch(/^"requests";r=0;t=\d+/);
  expect(waits.slice(-2).every((ms) => ms > 0 && ms <= 60_000)).toBe(true);
  expect(waits.at(-2)).toBeGreaterThan(0);
});
