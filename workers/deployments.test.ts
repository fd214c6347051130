import type { ChildProcess } from "node:child_process";
import { eq } from "drizzle-orm";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { jobs, models } from "@/db/schema/work";
import { forTenant } from "@/db/tenant";
import { env } from "@/lib/env";
import { createId } from "@/lib/id";
import { deployFrom } from "@/lib/job-deployments";
import { listEvents } from "@/lib/job-events";
import { getJob } from "@/lib/jobs";
import type { Task } from "@/lib/ml/task";
import { textMultiLabel } from "@/lib/ml/tasks/text-multi-label";
import { createTenant } from "@/lib/tenants";
import { usageByDay } from "@/lib/usage";
import { deployTinyModel, openDoor, severalRows, startServe, stopServe, until } from "./serve-fixtures";

/** Names that stay and versions that change, asked as customers ask them. */
let serve: ChildProcess;
let door: Awaited<ReturnType<typeof openDoor>>;
let acme: Awaited<ReturnType<typeof createTenant>>;
let other: Awaited<ReturnType<typeof createTenant>>;
let first: string;
let second: string;
let topics: string;
let count = 0;
/** A deployment of its own for each test. */
let name: string;

const api = async (method: string, path: string, body?: unknown, key = acme.apiKey) => {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const response = await fetch(door.url + path, {
    ...{ method, headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
};
const ask = async (input: string | string[], model = name) => {
  const { status, body } = await api("POST", "/v1/predictions", { model, input });
  expect(status, JSON.stringify(body)).toBe(200);
  return body as { id: string; model: string; data: { label: string }[] };
};
const at = (path = "") => `/v1/deployments/${name}${path}`;

/** What the first version was taught, with two classes' words exchanged. */
const exchanged = ["refund", "delivery"].flatMap((label, n) =>
  Array.from({ length: 60 }, (_, i) => ({
    input: `${n === 0 ? "parcel late, where is my package" : "money back, refund my order"} number ${i}`,
    target: label,
  })),
);

/** A training that ended with a model, ordered under a name. */
async function trainedFor(deployment: string, model: string): Promise<string> {
  return forTenant(acme.tenantId, async (tx) => {
    const [found] = await tx.select(models, eq(models.name, model));
    const id = createId("job");
    await tx.insert(jobs, {
      ...{ id, trainingFileId: "file-none", task: "text-classification", base: "minilm-l6", seed: 1 },
      ...{ state: "succeeded", modelId: found?.id, finishedAt: new Date(), createdBy: "usr_test" },
      ...{ asked: { graft: { deployment } }, effective: {}, stages: [] },
    });
    return id;
  });
}
const deployed = async (jobId: string) => {
  await Promise.all([deployFrom(acme.tenantId, jobId), deployFrom(acme.tenantId, jobId)]);
  const job = await getJob(acme.tenantId, jobId);
  const { data } = await listEvents(acme.tenantId, jobId, { limit: 10 });
  return { outcome: job.effective?.deployment, said: data.map(({ message }) => message) };
};

beforeAll(async () => {
  acme = await createTenant({ name: "Versions", email: `versions-${Date.now()}@acme.test` });
  other = await createTenant({ name: "Stranger", email: `stranger-v-${Date.now()}@other.test` });
  first = (await deployTinyModel(acme, "tickets", {})).name;
  second = (await deployTinyModel(acme, "tickets", { rows: exchanged })).name;
  topics = (await deployTinyModel(acme, "topics", { task: textMultiLabel as Task, rows: severalRows })).name;
  // The platform asks models at its own public address.
  door = await openDoor(env().PORT);
  serve = await startServe(env().SERVE_PORT, process.env);
});
afterAll(async () => {
  await stopServe(serve, "SIGTERM");
  door.close();
  await closePools();
});
beforeEach(async () => {
  count += 1;
  name = `support-router-${count}`;
  expect((await api("POST", "/v1/deployments", { name, model: first })).status).toBe(200);
});

test("a stable name answers with its version, which every client's answer names, and is a model like others", async () => {
  expect(await ask("please refund my order")).toMatchObject({ model: first, data: [{ label: "refund" }] });
  const client = new OpenAI({ apiKey: acme.apiKey, baseURL: `${door.url}/v1` });
  const messages = [{ role: "user" as const, content: "please refund my order" }];
  const chat = await client.chat.completions.create({ model: name, messages });
  expect(chat).toMatchObject({ model: first, choices: [{ message: { content: "refund" } }] });
  expect(await client.models.retrieve(name)).toMatchObject({
    id: name,
    object: "model",
    graft: { deployment: { model: first, canary: null } },
  });
  expect((await client.models.list()).data.map(({ id }) => id)).toContain(name);
});

test("a promoted version answers the next call, rolled back the one before; full names go on answering", async () => {
  const promoted = await api("POST", at("/promote"), { model: second });
  expect(promoted.body).toMatchObject({ id: name, model: second, previous_model: first });
  expect(await ask("please refund my order")).toMatchObject({ model: second, data: [{ label: "delivery" }] });
  expect(await ask("please refund my order", first)).toMatchObject({ model: first });
  expect((await api("POST", at("/rollback"))).body).toMatchObject({ model: first, previous_model: second });
  expect(await ask("please refund my order")).toMatchObject({ model: first });
  const { body } = await api("GET", at("/history"));
  expect(body.data.map(({ kind, model }: Record<string, unknown>) => [kind, model])).toEqual([
    ["rolled_back", first],
    ["promoted", second],
    ["created", first],
  ]);
});

test("a canary answers its share of the calls, and promoting it is one call", async () => {
  const { body } = await api("PATCH", at(), { canary: { model: second, percent: 30 } });
  expect(body).toMatchObject({ model: first, canary: { model: second, percent: 30 } });
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, n) => ask(`please refund my order ${n}`)),
  );
  const share = answers.filter(({ model }) => model === second).length;
  // Out of this range one run of a million falls.
  expect(share).toBeGreaterThan(30);
  expect(share).toBeLessThan(95);
  expect((await api("POST", at("/promote"), {})).body).toMatchObject({ model: second, canary: null });
});

test("a shadow answers in silence, free, and where it says something else is reported", async () => {
  await api("PATCH", at(), { shadow: { model: second } });
  expect(await ask(["please refund my order", "where is my package"])).toMatchObject({
    model: first,
    data: [{ label: "refund" }, { label: "delivery" }],
  });
  const report = await until("the shadow's answers", async () => {
    const { body } = await api("GET", at("/shadow"));
    return body.rows === 2 && body;
  });
  expect(report).toMatchObject({ model: first, shadow: second, same: 0 });
  expect(report.differences).toContainEqual({ answered: "refund", shadowed: "delivery", rows: 1 });
  const free = await until("the shadow's usage", async () =>
    (await usageByDay(acme.tenantId, 2)).find(({ reason }) => reason === "shadow"),
  );
  expect(free).toMatchObject({ model: second, billable: 0 });
  // Ended twice, it has ended once.
  for (let twice = 0; twice < 2; twice++) await api("PATCH", at(), { shadow: null, canary: null });
  expect((await api("GET", at("/history"))).body.data.map(({ kind }: { kind: string }) => kind)).toEqual([
    "shadow",
    "shadow",
    "created",
  ]);
  expect((await api("GET", at("/shadow"))).status).toBe(404);
});

test("a version that fails a saved example is promoted only by force, which its history says", async () => {
  const example = { input: "please refund my order", expected: "refund" };
  const saved = await api("POST", at("/examples"), example);
  expect(saved.body).toMatchObject({ object: "example", ...example });
  const tried = await api("POST", at("/examples/check"), { model: second });
  expect(tried.body.data).toMatchObject([{ id: saved.body.id, answer: "delivery", passed: false }]);
  const refused = await api("POST", at("/promote"), { model: second });
  expect(refused).toMatchObject({
    status: 409,
    body: { error: { code: "examples_failed", param: "model" } },
  });
  expect(refused.body.error.message).toContain("please refund my order");
  expect((await api("GET", at())).body).toMatchObject({ model: first });
  expect((await api("POST", at("/promote"), { model: second, force: true })).body).toMatchObject({
    model: second,
  });
  expect((await api("GET", at("/history"))).body.data[0]).toMatchObject({ kind: "promoted", forced: true });
  expect((await api("DELETE", at(`/examples/${saved.body.id}`))).status).toBe(200);
  expect((await api("GET", at("/examples"))).body.data).toEqual([]);
});

test("what cannot be is refused by its name, and a version in use is not deleted", async () => {
  const cases: [string, string, unknown, number, string][] = [
    ["POST", "/v1/deployments", { name, model: first }, 409, "already_exists"],
    ["POST", "/v1/deployments", { name: "Not A Name", model: first }, 400, "invalid_request"],
    ["POST", "/v1/deployments", { name: "minilm-l6", model: first }, 400, "invalid_request"],
    ["POST", "/v1/deployments", { name: "other-one", model: "ft:nobody" }, 404, "model_not_found"],
    ["POST", at("/promote"), {}, 400, "invalid_request"],
    ["POST", at("/promote"), { model: first }, 409, "state_conflict"],
    ["POST", at("/promote"), { model: topics }, 400, "task_unsupported"],
    ["POST", at("/rollback"), undefined, 409, "state_conflict"],
    ["PATCH", at(), { canary: { model: second, percent: 100 } }, 400, "invalid_request"],
    ["PATCH", at(), {}, 400, "invalid_request"],
    ["PATCH", at(), { shadow: { model: first } }, 409, "state_conflict"],
    ["POST", "/v1/predictions", { model: "no-such-name", input: "x" }, 404, "model_not_found"],
    ["DELETE", `/v1/models/${encodeURIComponent(first)}`, undefined, 409, "state_conflict"],
  ];
  for (const [method, path, body, status, code] of cases)
    expect(await api(method, path, body), `${method} ${path}`).toMatchObject({
      status,
      body: { error: { code } },
    });
});

test("another organisation's name is a name that never was", async () => {
  for (const [method, path, body] of [
    ["GET", at(), undefined],
    ["POST", at("/promote"), { model: second }],
    ["DELETE", at(), undefined],
    ["POST", "/v1/predictions", { model: name, input: "x" }],
  ] as const)
    expect((await api(method, path, body, other.apiKey)).status, path).toBe(404);
});

test("twenty promotions and rolls back at once leave a version that one of them wanted, and as many entries", async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      n % 2 ? api("POST", at("/rollback")) : api("POST", at("/promote"), { model: n % 4 ? first : second }),
    ),
  );
  const done = outcomes.filter(({ status }) => status === 200).length;
  expect(outcomes.every(({ status }) => status === 200 || status === 409)).toBe(true);
  expect((await api("GET", at("/history"))).body.data).toHaveLength(done + 1);
  const { model, previous_model } = (await api("GET", at())).body;
  expect(new Set([model, previous_model])).toEqual(new Set([first, second]));
});

test("what people say of an answer is kept with the row that they send along, the last word counts", async () => {
  const { id } = await ask(["please refund my order", "where is my package"], first);
  const path = `/v1/predictions/${id}/feedback`;
  const said = { index: 0, correct: false, label: "delivery", input: "please refund my order" };
  expect((await api("POST", path, said)).body).toMatchObject({ ...said, model: first, prediction: id });
  const again = { index: 0, correct: true, input: "please refund my order" };
  expect((await api("POST", path, again)).body).toMatchObject({ correct: true, label: null });
  const { body } = await api("GET", `/v1/feedback?model=${encodeURIComponent(first)}&limit=1`);
  expect(body).toMatchObject({ object: "list", data: [{ prediction: id, correct: true }], has_more: false });
  expect(await api("POST", path, { index: 0, correct: true })).toMatchObject({
    status: 400,
    body: { error: { param: "input" } },
  });
  expect(await api("POST", path, { ...again, index: 2 })).toMatchObject({
    status: 400,
    body: { error: { param: "index" } },
  });
  expect((await api("POST", path, again, other.apiKey)).status).toBe(404);
});

test("a training's model answers under the name that its order gave: made, then promoted, once", async () => {
  const own = `${name}-ordered`;
  const made = await deployed(await trainedFor(own, first));
  expect(made).toEqual({
    outcome: { name: own, answers: true, reason: null },
    said: [`The model answers under ${own}`],
  });
  await deployed(await trainedFor(own, second));
  const { body } = await api("GET", `/v1/deployments/${own}`);
  expect(body).toMatchObject({ model: second, previous_model: first });
  const { body: history } = await api("GET", `/v1/deployments/${own}/history`);
  expect(history.data.map(({ kind }: { kind: string }) => kind)).toEqual(["promoted", "created"]);
});

test("a training's model that fails a saved example leaves the name as it was, and the job says why", async () => {
  const own = `${name}-guarded`;
  await deployed(await trainedFor(own, first));
  await api("POST", `/v1/deployments/${own}/examples`, { input: "money back", expected: "refund" });
  const { outcome, said } = await deployed(await trainedFor(own, second));
  expect(outcome).toMatchObject({
    name: own,
    answers: false,
    reason: expect.stringContaining("saved example"),
  });
  expect(said[0]).toMatch(/goes on as it was/);
  expect((await api("GET", `/v1/deployments/${own}`)).body.model).toBe(first);
});
