import type { ChildProcess } from "node:child_process";
import { sql } from "drizzle-orm";
import OpenAI, { toFile } from "openai";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { batches } from "@/db/schema/serving";
import { usageEvents } from "@/db/schema/usage";
import { claimBatch } from "@/db/system";
import { forTenant } from "@/db/tenant";
import { offer, openShop, profile } from "@/lib/billing.fixture";
import { saveProfile } from "@/lib/billing-profiles";
import { saveBudget } from "@/lib/budgets";
import { env } from "@/lib/env";
import { unique } from "@/lib/people.fixture";
import { monthStart } from "@/lib/periods";
import { subscribe } from "@/lib/subscriptions";
import { createTenant } from "@/lib/tenants";
import { runDueBatch } from "./run-batch";
import { deployTinyModel, openDoor, startServe, stopServe } from "./serve-fixtures";

/** Batches as OpenAI's client orders them, answered by serve and worked on here. */
let serve: ChildProcess;
let door: Awaited<ReturnType<typeof openDoor>>;
let acme: Awaited<ReturnType<typeof createTenant>>;
let model: string;
let openai: OpenAI;
const signal = new AbortController().signal;

beforeAll(async () => {
  door = await openDoor(env().PORT);
  serve = await startServe(env().SERVE_PORT, process.env);
  await openShop();
  await offer("batched", {
    base: "0",
    meters: { "batch.row": { included: "0", tiers: [{ up_to: null, unit_decimal: "0.01" }] } },
  });
}, 120_000);
afterAll(async () => {
  await stopServe(serve, "SIGTERM");
  door.close();
  await closePools();
});
beforeEach(async () => {
  acme = await createTenant({ name: unique("Batches"), email: `${unique("batches")}@acme.test` });
  model = (await deployTinyModel(acme, "tickets", {})).name;
  openai = new OpenAI({ apiKey: acme.apiKey, baseURL: `${door.url}/v1`, maxRetries: 0 });
});

const upload = async (lines: readonly unknown[], name = "requests.jsonl") => {
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n");
  return openai.files.create({ file: await toFile(Buffer.from(text), name), purpose: "batch" });
};
const prediction = (n: number, body: object = {}) => ({
  ...{ custom_id: `row-${n}`, method: "POST", url: "/v1/predictions" },
  body: { model, input: `please refund my order ${n}`, ...body },
});
const order = (file: { id: string }, endpoint = "/v1/predictions") =>
  openai.batches.create({
    input_file_id: file.id,
    endpoint: endpoint as "/v1/embeddings",
    completion_window: "24h",
  });
async function linesOf(fileId: string | null | undefined) {
  if (!fileId) return [];
  const text = await (await openai.files.content(fileId)).text();
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}
const billed = () =>
  forTenant(acme.tenantId, async (tx) =>
    (await tx.select(usageEvents)).map(({ meter, quantity, isBillable }) => [
      meter,
      Number(quantity),
      isBillable,
    ]),
  );
const work = () => runDueBatch(signal);

test("OpenAI's client orders a batch, waits, and reads answers in order; each row is billed once as a batch's", async () => {
  const file = await upload(Array.from({ length: 700 }, (_, n) => prediction(n)));
  expect(file).toMatchObject({ purpose: "batch", status: "processed" });
  const batch = await order(file);
  expect(batch).toMatchObject({ object: "batch", status: "validating", output_file_id: null });
  expect(await work()).toBe(true);
  const done = await openai.batches.retrieve(batch.id);
  expect(done).toMatchObject({
    status: "completed",
    request_counts: { total: 700, completed: 700, failed: 0 },
    error_file_id: null,
  });
  const lines = await linesOf(done.output_file_id);
  expect(lines.map(({ custom_id }) => custom_id)).toEqual(Array.from({ length: 700 }, (_, n) => `row-${n}`));
  expect(lines[3]).toMatchObject({
    response: {
      status_code: 200,
      body: { model, data: [{ index: 0, label: "refund" }], usage: { inputs: 1 } },
    },
    error: null,
  });
  expect(await billed()).toEqual([
    ["batch.row", 512, true],
    ["batch.row", 188, true],
  ]);
  expect(await work()).toBe(false);
  const listed = [];
  for await (const one of openai.batches.list({ limit: 1 })) listed.push(one.id);
  expect(listed).toEqual([batch.id]);
});

test("chats and lists of rows are answered too; what is wrong with one request stays with it", async () => {
  const messages = [{ role: "user", content: "please refund my order" }];
  const chat = (id: string, body: object) => ({
    custom_id: id,
    method: "POST",
    url: "/v1/chat/completions",
    body,
  });
  const file = await upload([chat("good", { model, messages }), chat("bad", { model, messages, n: 5 })]);
  const batch = await order(file, "/v1/chat/completions");
  await work();
  const done = await openai.batches.retrieve(batch.id);
  expect(done.request_counts).toEqual({ total: 2, completed: 1, failed: 1 });
  const [good] = await linesOf(done.output_file_id);
  expect(good.response.body.choices[0].message.content).toBe("refund");
  const [bad] = await linesOf(done.error_file_id);
  expect(bad).toMatchObject({
    custom_id: "bad",
    response: { status_code: 400, body: { error: { param: "n" } } },
  });

  const mixed = await upload([
    prediction(1, { input: ["where is my package", "please refund"] }),
    prediction(2),
    prediction(3, { model: "ft:nobody" }),
    prediction(4, { input: 7 }),
    prediction(5),
  ]);
  const other = await order(mixed);
  await work();
  const answered = await openai.batches.retrieve(other.id);
  expect(answered.request_counts).toEqual({ total: 5, completed: 3, failed: 2 });
  const lines = await linesOf(answered.output_file_id);
  expect(lines.map(({ custom_id, response }) => [custom_id, response.body.data.length])).toEqual([
    ["row-1", 2],
    ["row-2", 1],
    ["row-5", 1],
  ]);
  expect((await linesOf(answered.error_file_id)).map(({ response }) => response.body.error.code)).toEqual([
    "model_not_found",
    "input_shape",
  ]);
});

test("a file that is no file of requests fails with its lines named, and nothing is billed", async () => {
  const file = await upload([
    '{"custom_id":',
    prediction(1),
    { ...prediction(2), url: "/v1/embeddings" },
    { custom_id: "" },
  ]);
  const batch = await order(file);
  await work();
  const failed = await openai.batches.retrieve(batch.id);
  expect(failed).toMatchObject({ status: "failed", output_file_id: null });
  expect(failed.errors?.data?.map(({ code, line, param }) => [code, line, param])).toEqual([
    ["json_invalid", 1, null],
    ["invalid_request", 3, "url"],
    ["invalid_request", 4, "custom_id"],
  ]);
  expect(await billed()).toEqual([]);
});

test("a cancelled batch hands out what is done, a deleted file fails it, a foreign one is not there", async () => {
  const file = await upload(Array.from({ length: 3 }, (_, n) => prediction(n)));
  const batch = await order(file);
  expect(await openai.batches.cancel(batch.id)).toMatchObject({ status: "cancelling" });
  await work();
  expect(await openai.batches.retrieve(batch.id)).toMatchObject({
    status: "cancelled",
    output_file_id: null,
  });
  await expect(openai.batches.cancel((await order(file)).id)).resolves.toMatchObject({
    status: "cancelling",
  });
  await work();
  const gone = await order(file);
  await openai.files.delete(file.id);
  await work();
  expect(await openai.batches.retrieve(gone.id)).toMatchObject({ status: "failed" });
  const stranger = await createTenant({ name: unique("Stranger"), email: `${unique("stranger")}@acme.test` });
  const theirs = new OpenAI({ apiKey: stranger.apiKey, baseURL: `${door.url}/v1`, maxRetries: 0 });
  await expect(theirs.batches.retrieve(batch.id)).rejects.toMatchObject({ status: 404 });
  await expect(theirs.batches.cancel(batch.id)).rejects.toMatchObject({ status: 404 });
});

test("a worker that dies between two parts, or after one was stored, leaves nothing out and bills nothing twice", async () => {
  const file = await upload(Array.from({ length: 1200 }, (_, n) => prediction(n)));
  const batch = await order(file);
  // One worker takes it and dies: its hold ends.
  expect(await claimBatch("wrk_dead", 60)).toMatchObject({ id: batch.id });
  expect(await work()).toBe(false);
  const expire = () =>
    forTenant(acme.tenantId, (tx) =>
      tx.query(sql`update batches set held_until = now() - interval '1 second'
      where tenant_id = ${tx.tenantId}`),
    );
  await expire();
  // The next one is told to stop after its first part.
  const stopping = new AbortController();
  stopping.abort();
  await runDueBatch(stopping.signal);
  const [half] = await forTenant(acme.tenantId, (tx) => tx.select(batches));
  expect(half).toMatchObject({ state: "in_progress", done: 512, completed: 512, holder: null });
  // As if it had died after storing the second part and before saying so: the row says 512.
  while (await work());
  const done = await openai.batches.retrieve(batch.id);
  expect(done).toMatchObject({ status: "completed", request_counts: { completed: 1200 } });
  const ids = (await linesOf(done.output_file_id)).map(({ custom_id }) => custom_id);
  expect(ids).toEqual(Array.from({ length: 1200 }, (_, n) => `row-${n}`));
  expect((await billed()).reduce((sum, [, rows]) => sum + Number(rows), 0)).toBe(1200);
});

test("two workers never work on one batch, and an organisation's batches come one after the other", async () => {
  const file = await upload([prediction(1)]);
  await order(file);
  await order(file);
  const outcomes = await Promise.all([work(), work(), work()]);
  expect(outcomes.filter(Boolean).length).toBeGreaterThanOrEqual(1);
  while (await work());
  expect((await billed()).length).toBe(2);
});

test("rows of a spreadsheet are answered by a named model and column", async () => {
  const file = await upload(["id,message", '1,"please refund, now"', "2,where is my package"], "tickets.csv");
  const created = await fetch(`${door.url}/v1/batches`, {
    method: "POST",
    headers: { authorization: `Bearer ${acme.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({
      ...{ input_file_id: file.id, endpoint: "/v1/predictions" },
      graft: { model, columns: { text: "message" } },
    }),
  });
  const { id } = await created.json();
  await work();
  const done = await openai.batches.retrieve(id);
  expect(done.request_counts).toMatchObject({ completed: 2 });
  const lines = await linesOf(done.output_file_id);
  expect(lines.map(({ custom_id, response }) => [custom_id, response.body.data[0].label])).toEqual([
    ["row-2", "refund"],
    ["row-3", "delivery"],
  ]);
});

test("above the spend limit the rest of a batch is refused, row by row", async () => {
  await saveProfile(acme.tenantId, profile(), "test");
  await subscribe(acme.tenantId, { planId: "batched", startsAt: monthStart(new Date()) }, "test");
  // A row of a batch costs a cent: three of five are paid for.
  await saveBudget(acme.tenantId, { hardMinor: 3 }, "test");
  const file = await upload([1, 2, 3, 4, 5].map((n) => prediction(n, { top_k: n })));
  const batch = await order(file);
  await work();
  const done = await openai.batches.retrieve(batch.id);
  expect(done).toMatchObject({ status: "completed", request_counts: { total: 5, completed: 3, failed: 2 } });
  const refused = await linesOf(done.error_file_id);
  expect(refused.map(({ response }) => response.body.error.code)).toEqual(
    Array(2).fill("spend_limit_reached"),
  );
});
