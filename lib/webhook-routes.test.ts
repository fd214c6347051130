import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GET as deliveries } from "@/app/v1/webhook_endpoints/[id]/deliveries/route";
import { POST as replay } from "@/app/v1/webhook_endpoints/[id]/replay/route";
import { POST as rotate } from "@/app/v1/webhook_endpoints/[id]/rotate/route";
import { PATCH as change, GET as find, DELETE as remove } from "@/app/v1/webhook_endpoints/[id]/route";
import { POST as sendTest } from "@/app/v1/webhook_endpoints/[id]/test/route";
import { POST as create, GET as list } from "@/app/v1/webhook_endpoints/route";
import { closePools } from "@/db/index";
import { members } from "@/db/schema/people";
import { webhookDeliveries, webhookEndpoints } from "@/db/schema/webhooks";
import { forTenant } from "@/db/tenant";
import { ask, createPerson, unique } from "./people.fixture";
import { createTenant } from "./tenants";
import { emitEvent } from "./webhook-events";

let tenantId: string;
let tenant: string;
let owner: Awaited<ReturnType<typeof createPerson>>;
let key: string;
beforeAll(async () => {
  owner = await createPerson();
  const made = await createTenant({ name: unique("hooks"), email: owner.email });
  ({ tenantId, slug: tenant, apiKey: key } = made);
});
afterAll(closePools);

const as = (more: object = {}) => ({ cookie: owner.cookie, tenant, ...more });
const make = async (body: object = {}) =>
  (await ask(create, as({ method: "POST", body: { url: "https://hooks.example.com/in", ...body } }))).body;
const at = (id: unknown, more: object = {}) => as({ params: { id: String(id) }, ...more });
const emit = () => forTenant(tenantId, (tx) => emitEvent(tx, "file.validated", { id: "file-1" }));
const logOf = async (id: unknown, query = "") =>
  (await ask(deliveries, at(id, { query }))).body as {
    data: { id: string; state: string }[];
    has_more: boolean;
  };
const fail = (endpointId: unknown) =>
  forTenant(tenantId, (tx) =>
    tx.update(webhookDeliveries, { state: "failed" }, eq(webhookDeliveries.endpointId, String(endpointId))),
  );

test("a secret is shown once, and lies sealed in its row", async () => {
  const { id, secret, ...made } = await make({ description: "ours" });
  expect(secret).toMatch(/^whsec_[\w+/]{32}$/);
  expect(made).toMatchObject({ object: "webhook_endpoint", description: "ours", enabled: true });
  const stored = await forTenant(tenantId, (tx) =>
    tx.one(webhookEndpoints, eq(webhookEndpoints.id, String(id))),
  );
  const shown = await Promise.all([ask(find, at(id)), ask(list, as())]);
  for (const text of [JSON.stringify(stored), ...shown.map(({ body }) => JSON.stringify(body))])
    expect(text).not.toContain(String(secret).slice("whsec_".length));
  const { body } = await ask(rotate, at(id, { method: "POST" }));
  expect(body.secret).not.toBe(secret);
});

test("an address within, a type that is not there and an empty change are refused, and say which", async () => {
  const tried = (body: object) => ask(create, as({ method: "POST", body }));
  for (const url of [
    "http://hooks.example.com",
    "https://127.0.0.1/",
    "https://u:p@example.com",
    "nothing",
  ]) {
    const { status, body } = await tried({ url });
    expect([status, body.error?.param], url).toEqual([400, "url"]);
  }
  const { body } = await tried({ url: "https://example.com", events: ["file.eaten"] });
  expect(body.error?.param).toBe("events.0");
  const { id } = await make();
  expect((await ask(change, at(id, { method: "PATCH", body: {} }))).status).toBe(400);
  const inside = await ask(change, at(id, { method: "PATCH", body: { url: "https://10.0.0.1/" } }));
  expect(inside.body.error?.param).toBe("url");
});

test("the log comes in pages, newest first, each delivery once, and by state", async () => {
  const { id } = await make();
  for (let n = 0; n < 5; n++) await emit();
  const seen: string[] = [];
  for (let after = "", hasMore = true; hasMore; ) {
    const page = await logOf(id, `limit=2${after && `&after=${after}`}`);
    seen.push(...page.data.map((one) => one.id));
    after = seen.at(-1) ?? "";
    hasMore = page.has_more;
  }
  expect(seen).toHaveLength(5);
  expect(seen).toEqual([...new Set(seen)].sort().reverse());
  expect((await logOf(id, "state=failed")).data).toEqual([]);
  expect((await logOf(id, "state=pending")).data).toHaveLength(5);
});

test("what failed is sent again from an instant on, or all of it", async () => {
  const { id } = await make();
  await emit();
  await fail(id);
  const again = (body: object) => ask(replay, at(id, { method: "POST", body }));
  const soon = Math.ceil(Date.now() / 1000) + 60;
  expect((await again({ since: soon })).body).toMatchObject({ deliveries: 0 });
  expect((await again({ since: soon - 3600 })).body).toMatchObject({ deliveries: 1 });
  await fail(id);
  expect((await again({})).body).toMatchObject({ deliveries: 1 });
  expect((await again({ since: soon, delivery: "whd_1" })).status).toBe(400);
});

test("a test is not sent to an endpoint that is off, and says so", async () => {
  const { id } = await make();
  const send = () => ask(sendTest, at(id, { method: "POST" }));
  expect((await send()).status).toBe(200);
  await ask(change, at(id, { method: "PATCH", body: { enabled: false } }));
  expect((await send()).code).toBe("state_conflict");
});

test("only signed-in people who may manage webhooks see or change them: no member, and no key", async () => {
  const member = await createPerson();
  await forTenant(tenantId, (tx) => tx.insert(members, { userId: member.userId, role: "member" }));
  for (const caller of [{ cookie: member.cookie, tenant }, { key }])
    expect((await ask(list, caller)).code).toBe("permission_denied");
  expect((await ask(list, as())).status).toBe(200);
});

test("another customer's endpoint is as absent as one that never was, whatever is asked of it", async () => {
  const { id } = await make();
  const stranger = await createPerson();
  const { slug } = await createTenant({ name: unique("other"), email: stranger.email });
  const calls = [
    [find, "GET", undefined],
    [deliveries, "GET", undefined],
    [change, "PATCH", { enabled: false }],
    [rotate, "POST", undefined],
    [sendTest, "POST", undefined],
    [replay, "POST", {}],
    [remove, "DELETE", undefined],
  ] as const;
  for (const [handler, method, body] of calls) {
    const tried = (which: string) =>
      ask(handler, { cookie: stranger.cookie, tenant: slug, method, params: { id: which }, body });
    const [foreign, absent] = [await tried(String(id)), await tried("whe_absent")];
    expect([foreign.status, foreign.body], method).toEqual([404, absent.body]);
  }
  expect((await ask(find, at(id))).body).toMatchObject({ enabled: true });
});
