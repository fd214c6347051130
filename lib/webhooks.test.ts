import { setTimeout as pause } from "node:timers/promises";
import { eq, sql } from "drizzle-orm";
import OpenAI from "openai";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { webhookDeliveries, webhookEndpoints } from "@/db/schema/webhooks";
import { claimDeliveries } from "@/db/system";
import { forTenant } from "@/db/tenant";
import { mailsWith, unique } from "./people.fixture";
import type { Actor } from "./session";
import { createTenant } from "./tenants";
import { deliverDue, ENDPOINT_AT_ONCE, SCHEDULE } from "./webhook-delivery";
import { emitEvent } from "./webhook-events";
import { openReceiver } from "./webhook-receiver.fixture";
import { changeEndpoint, createEndpoint, listDeliveries, replay, rotateSecret, sendTest } from "./webhooks";

/** Delivered to a server that listens here, and read by the clients that people have. */
process.env.WEBHOOK_ALLOW_PRIVATE = "true";
let answer: (path: string) => [status: number, headers?: Record<string, string>] = () => [200];
/** Paths that are not answered until `letGo`. */
let held = new Set<string>();
const waiting: (() => void)[] = [];
const letGo = () => {
  held = new Set();
  for (const go of waiting.splice(0)) go();
};
const { got, url, close } = await openReceiver((response, path) => {
  const go = () => response.writeHead(...answer(path)).end();
  if (held.has(path)) waiting.push(go);
  else go();
});
afterAll(async () => {
  close();
  await closePools();
});

/** Polled, never slept for. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await isSo()); await pause(20))
    if (Date.now() > end) throw new Error(`not within 10 s: ${what}`);
}

let actor: Actor;
let email: string;
beforeEach(async () => {
  letGo();
  got.length = 0;
  answer = () => [200];
  email = `${unique("hooks")}@acme.test`;
  const { tenantId } = await createTenant({ name: unique("Hooks"), email });
  actor = { tenantId, userId: "usr_test", keyId: null } as Actor;
});
const emit = (type: Parameters<typeof emitEvent>[1] = "fine_tuning.job.succeeded") =>
  forTenant(actor.tenantId, (tx) => emitEvent(tx, type, { id: "ftjob-1" }));
const path = () => `${url}/${unique("in")}`;
const logOf = async (id: string) => (await listDeliveries(actor.tenantId, id, { limit: 100 })).data;
const makeDue = () =>
  forTenant(actor.tenantId, (tx) =>
    tx.update(webhookDeliveries, { nextAt: new Date(0) }, eq(webhookDeliveries.state, "pending")),
  );
const endpoint = async (id: string) =>
  forTenant(actor.tenantId, (tx) => tx.one(webhookEndpoints, eq(webhookEndpoints.id, id)));

test("an event is read and verified by OpenAI's client and by Standard Webhooks' library", async () => {
  const { secret } = await createEndpoint(actor, { url: path() });
  await emit();
  expect(await deliverDue()).toBe(true);
  const [first] = got;
  const { body = "" } = first ?? {};
  const headers = first?.headers ?? {};
  const client = new OpenAI({ apiKey: "none", webhookSecret: secret });
  const event = await client.webhooks.unwrap(body, headers);
  expect(event).toMatchObject({
    object: "event",
    type: "fine_tuning.job.succeeded",
    data: { id: "ftjob-1" },
  });
  const read = new Webhook(secret).verify(body, headers);
  expect(read).toMatchObject({ id: headers["webhook-id"], timestamp: expect.stringMatching(/^\d{4}-.*Z$/) });
  expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow();
  const stale = { ...headers, "webhook-timestamp": String(Number(headers["webhook-timestamp"]) - 600) };
  await expect(client.webhooks.unwrap(body, stale)).rejects.toThrow();
  expect(await deliverDue()).toBe(false);
});

test("an endpoint is sent what it asked for, and nothing that was rolled back", async () => {
  const all = await createEndpoint(actor, { url: path() });
  const some = await createEndpoint(actor, { url: path(), events: ["invoice.issued"] });
  await emit("file.validated");
  await forTenant(actor.tenantId, async (tx) => {
    await emitEvent(tx, "invoice.issued", { id: "ivc_1" });
    throw new Error("no");
  }).catch(() => {});
  await deliverDue();
  expect(got.map(({ path }) => path)).toEqual([new URL(all.endpoint.url).pathname]);
  await emit("invoice.issued");
  await deliverDue();
  expect(got.map(({ path }) => path)).toContain(new URL(some.endpoint.url).pathname);
});

test("after a rotation both secrets verify, a day later the new one alone", async () => {
  const { endpoint: made, secret: old } = await createEndpoint(actor, { url: path() });
  const { secret } = await rotateSecret(actor, made.id);
  await emit();
  await deliverDue();
  const first = got[0];
  for (const one of [old, secret])
    expect(() => new Webhook(one).verify(first?.body ?? "", first?.headers as never)).not.toThrow();
  await forTenant(actor.tenantId, (tx) =>
    tx.update(webhookEndpoints, { previousUntil: new Date(0) }, eq(webhookEndpoints.id, made.id)),
  );
  await emit();
  await deliverDue();
  const second = got[1];
  expect(() => new Webhook(old).verify(second?.body ?? "", second?.headers as never)).toThrow();
  expect(() => new Webhook(secret).verify(second?.body ?? "", second?.headers as never)).not.toThrow();
});

test("what is not taken is sent again on schedule with the same id, then the endpoint is disabled and owners told", async () => {
  const { endpoint: made } = await createEndpoint(actor, { url: path() });
  answer = () => [500];
  await emit();
  for (const [n, wait] of SCHEDULE.entries()) {
    const before = Date.now();
    expect(await deliverDue(), `try ${n}`).toBe(true);
    const [delivery] = await logOf(made.id);
    expect(delivery?.attempts).toHaveLength(n + 1);
    const next = SCHEDULE[n + 1];
    if (next !== undefined) {
      const waits = (delivery?.nextAt.getTime() ?? 0) - before;
      expect(waits).toBeGreaterThanOrEqual(next);
      expect(waits).toBeLessThanOrEqual(next * 1.1 + 2000);
    }
    expect(wait).toBeGreaterThanOrEqual(0);
    await makeDue();
  }
  expect(new Set(got.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(await endpoint(made.id)).toMatchObject({ state: "disabled", disabledBecause: "exhausted" });
  expect((await mailsWith(email)).map(({ subject }) => subject)).toEqual([expect.stringMatching(/webhook/i)]);
  const sent = got.length;
  await emit();
  await deliverDue();
  expect(got).toHaveLength(sent);
  await expect(replay(actor, made.id)).rejects.toMatchObject({ code: "state_conflict" });

  answer = () => [204];
  await changeEndpoint(actor, made.id, { enabled: true });
  expect(await replay(actor, made.id)).toBe(1);
  await deliverDue();
  expect(got.at(-1)?.headers["webhook-id"]).toBe(got[0]?.headers["webhook-id"]);
  expect((await logOf(made.id))[0]).toMatchObject({ state: "delivered" });
});

test("410 disables at once; a redirect is a failure; retry-after is honoured up to an hour", async () => {
  const { endpoint: made } = await createEndpoint(actor, { url: path() });
  const waitAfter = async (status: number, headers: Record<string, string> = {}) => {
    answer = () => [status, headers];
    await makeDue();
    await emit();
    const before = Date.now();
    await deliverDue();
    const [delivery] = await logOf(made.id);
    return { waits: (delivery?.nextAt.getTime() ?? 0) - before, error: delivery?.attempts.at(-1)?.error };
  };
  expect(await waitAfter(302, { location: "https://example.com" })).toMatchObject({
    error: "redirects are not followed",
  });
  expect((await waitAfter(503, { "retry-after": "1800" })).waits).toBeLessThan(60_000);
  const { waits } = await waitAfter(429, { "retry-after": "1800" });
  expect(waits).toBeGreaterThanOrEqual(1_790_000);
  expect((await waitAfter(429, { "retry-after": "999999" })).waits).toBeLessThanOrEqual(3_601_000);
  await waitAfter(410);
  expect(await endpoint(made.id)).toMatchObject({ state: "disabled", disabledBecause: "gone" });
});

test("two workers send a delivery once; one that dies with it leaves it to the next when its claim has ended", async () => {
  const { endpoint: made } = await createEndpoint(actor, { url: path() });
  await Promise.all(Array.from({ length: 10 }, () => emit()));
  await Promise.all([deliverDue(), deliverDue(), deliverDue()]);
  while (await deliverDue());
  expect(got).toHaveLength(10);
  await sendTest(actor, made.id);
  const room = { most: 10, perTenant: 10, perEndpoint: 10, holdSeconds: 60, flying: [] };
  expect(await claimDeliveries(room)).toHaveLength(1);
  expect(await deliverDue()).toBe(false);
  await forTenant(actor.tenantId, (tx) =>
    tx.query(
      sql`update webhook_deliveries set next_at = now() where tenant_id = ${tx.tenantId} and state = 'pending'`,
    ),
  );
  expect(await deliverDue()).toBe(true);
  expect(JSON.parse(got.at(-1)?.body ?? "{}")).toMatchObject({ type: "webhook.test" });
});

test("all that is due is sent, also when everything on its way lands while more is looked for", async () => {
  const { endpoint: made } = await createEndpoint(actor, { url: path() });
  held.add(new URL(made.url).pathname);
  for (let n = 0; n < ENDPOINT_AT_ONCE + 2; n++) await emit();
  const delivered = async () => (await logOf(made.id)).filter(({ state }) => state === "delivered").length;
  let looks = 0;
  const claim: typeof claimDeliveries = async (room) => {
    if (++looks === 2) {
      letGo();
      await until("those on their way land", async () => (await delivered()) === ENDPOINT_AT_ONCE);
    }
    return claimDeliveries(room);
  };
  await deliverDue({ claim });
  expect(await delivered()).toBe(ENDPOINT_AT_ONCE + 2);
});

test("one who does not answer keeps nobody waiting: neither another customer nor another endpoint of theirs", async () => {
  const slow = await createEndpoint(actor, { url: path(), events: ["file.validated"] });
  const pathOf = ({ endpoint: { url } }: typeof slow) => new URL(url).pathname;
  held.add(pathOf(slow));
  for (let n = 0; n < 40; n++) await emit("file.validated");
  const sending = deliverDue();
  await until("the slow one is asked", async () => waiting.length > 0);
  const beside = await createEndpoint(actor, { url: path(), events: ["invoice.issued"] });
  await emit("invoice.issued");
  const { tenantId } = await createTenant({ name: unique("Hooks"), email });
  actor = { ...actor, tenantId };
  const other = await createEndpoint(actor, { url: path() });
  await emit();
  const isAsked = (made: typeof slow) => got.some((one) => one.path === pathOf(made));
  await until("the others are told", async () => isAsked(beside) && isAsked(other));
  expect(waiting).toHaveLength(ENDPOINT_AT_ONCE);
  letGo();
  await sending;
  expect(got.filter((one) => one.path === pathOf(slow))).toHaveLength(40);
  expect(new Set(got.map(({ headers }) => headers["webhook-id"])).size).toBe(42);
});

test("a worker that stops hands back what it was sending: another sends it at once, as if it had not been tried", async () => {
  const { endpoint: made } = await createEndpoint(actor, { url: path() });
  held.add(new URL(made.url).pathname);
  await emit();
  const stop = new AbortController();
  const sending = deliverDue({ stop: stop.signal });
  await until("it is asked", async () => waiting.length === 1);
  stop.abort();
  await sending;
  expect((await logOf(made.id))[0]).toMatchObject({
    state: "pending",
    attempts: [],
  });
  letGo();
  expect(await deliverDue()).toBe(true);
  expect((await logOf(made.id))[0]).toMatchObject({ state: "delivered", tries: 1 });
  expect(new Set(got.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
});

test("a secret that cannot be read any more is said to be the reason, and a new one sends again", async () => {
  const { endpoint: made } = await createEndpoint(actor, { url: path() });
  await forTenant(actor.tenantId, (tx) =>
    tx.update(webhookEndpoints, { secret: "of-another-installation" }, eq(webhookEndpoints.id, made.id)),
  );
  await emit();
  await deliverDue();
  const [delivery] = await logOf(made.id);
  expect([got.length, delivery?.attempts[0]?.error]).toEqual([0, expect.stringMatching(/make a new one/)]);
  const { secret } = await rotateSecret(actor, made.id);
  await makeDue();
  await deliverDue();
  expect(() => new Webhook(secret).verify(got[0]?.body ?? "", got[0]?.headers ?? {})).not.toThrow();
});

test("an address that is none, and one of ours inside, is refused when it is typed", async () => {
  await expect(createEndpoint(actor, { url: "ftp://x" })).rejects.toMatchObject({
    options: { param: "url" },
  });
});
