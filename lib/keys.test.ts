import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DELETE as revoke } from "@/app/api/keys/[id]/route";
import { POST as create, GET as list } from "@/app/api/keys/route";
import { GET as members } from "@/app/api/members/route";
import { closePools } from "@/db/index";
import { apiKeys, members as memberRows } from "@/db/schema/people";
import { forTenant } from "@/db/tenant";
import { createProbeKey } from "./keys";
import { ask, createPerson, unique } from "./people.fixture";
import { actorOf, sha256 } from "./session";
import { activateTenant, createTenant, suspendTenant } from "./tenants";

let tenantId: string;
let tenant: string;
let owner: Awaited<ReturnType<typeof createPerson>>;
let firstKey: string;
beforeAll(async () => {
  owner = await createPerson();
  const made = await createTenant({ name: unique("keys"), email: owner.email });
  ({ tenantId, slug: tenant, apiKey: firstKey } = made);
});
afterAll(closePools);

const as = (person: { cookie: string }, more: object = {}) => ({ cookie: person.cookie, tenant, ...more });
const make = (person: { cookie: string }, body: object) =>
  ask(create, as(person, { method: "POST", body: { name: "Key", scopes: ["models.read"], ...body } }));
const withKey = (key: unknown) =>
  actorOf(new Request("http://x/", { headers: { authorization: `Bearer ${key}` } }));
const row = (id: unknown) => forTenant(tenantId, (tx) => tx.one(apiKeys, eq(apiKeys.id, String(id))));

test("a key is shown once; its row holds a hash and the first characters", async () => {
  const { body } = await make(owner, { expiresInDays: 30 });
  expect(body.key).toMatch(/^gk_[\w-]{43}$/);
  const stored = await row(body.id);
  expect(stored).toMatchObject({ hash: sha256(String(body.key)), start: String(body.key).slice(0, 9) });
  expect(JSON.stringify(stored)).not.toContain(String(body.key).slice(9));
  const listed = await ask(list, as(owner));
  expect(JSON.stringify(listed.body)).toContain(String(body.id));
  expect(JSON.stringify(listed.body)).not.toContain(stored?.hash);
});

test("a key answers for its tenant with its scopes, and its last use is seen", async () => {
  const { body } = await make(owner, { scopes: ["files.read", "models.read"] });
  const actor = await withKey(body.key);
  expect(actor).toMatchObject({ via: "key", tenantId, keyId: body.id, role: null });
  expect([...actor.permissions].sort()).toEqual(["files.read", "models.read"]);
  expect((await row(body.id))?.lastUsedAt).toBeInstanceOf(Date);
  // People, keys and settings are for signed-in people, whatever a key carries.
  expect((await ask(members, { key: String(body.key) })).code).toBe("permission_denied");
  expect((await ask(list, { key: firstKey })).code).toBe("permission_denied");
});

test("a revoked key is refused at once, and an expired one too", async () => {
  const { body } = await make(owner, {});
  await withKey(body.key);
  const send = () => ask(revoke, as(owner, { method: "DELETE", params: { id: String(body.id) } }));
  expect((await send()).status).toBe(200);
  await expect(withKey(body.key)).rejects.toMatchObject({ code: "invalid_api_key", status: 401 });
  expect((await send()).status).toBe(200);
  const old = await make(owner, { expiresInDays: 1 });
  const past = { expiresAt: new Date(Date.now() - 1) };
  await forTenant(tenantId, (tx) => tx.update(apiKeys, past, eq(apiKeys.id, String(old.body.id))));
  await expect(withKey(old.body.key)).rejects.toMatchObject({ code: "invalid_api_key" });
  for (const wrong of ["gk_wrong", "", "gk_\u00e9"].map(encodeURIComponent))
    await expect(withKey(wrong || "x")).rejects.toMatchObject({ code: "invalid_api_key" });
});

test("scopes stay within what a key may carry and within the creator's role of today", async () => {
  for (const scopes of [["members.manage"], ["keys.manage"], ["nope"], []])
    expect((await make(owner, { scopes })).code).toBe("invalid_request");
  const admin = await createPerson();
  await forTenant(tenantId, (tx) => tx.insert(memberRows, { userId: admin.userId, role: "admin" }));
  const { body } = await make(admin, { scopes: ["models.delete", "models.read"] });
  const demote = (role: "viewer" | "tester") =>
    forTenant(tenantId, (tx) => tx.update(memberRows, { role }, eq(memberRows.userId, admin.userId)));
  await demote("viewer");
  expect([...(await withKey(body.key)).permissions]).toEqual(["models.read"]);
  expect((await make(admin, {})).status).toBe(403);
});

test("a suspended tenant's keys are refused until it is active again, and nothing of it changes", async () => {
  await suspendTenant(tenant);
  await expect(withKey(firstKey)).rejects.toMatchObject({ code: "tenant_suspended", status: 403 });
  expect((await make(owner, {})).code).toBe("tenant_suspended");
  expect((await ask(members, as(owner))).status).toBe(200);
  await activateTenant(tenant);
  expect((await withKey(firstKey)).tenantId).toBe(tenantId);
});

test("a probe's key is short-lived, never listed or revoked by people, and swept when old", async () => {
  const probe = await createProbeKey(tenantId);
  expect(await withKey(probe)).toMatchObject({ isInternal: true, tenantId });
  const find = () => forTenant(tenantId, (tx) => tx.select(apiKeys, eq(apiKeys.isInternal, true)));
  const [stored] = await find();
  expect(Number(stored?.expiresAt) - Date.now()).toBeLessThanOrEqual(10 * 60_000);
  expect(JSON.stringify((await ask(list, as(owner))).body)).not.toContain(stored?.id);
  const tried = await ask(revoke, as(owner, { method: "DELETE", params: { id: String(stored?.id) } }));
  expect(tried.code).toBe("not_found");
  await forTenant(tenantId, (tx) =>
    tx.update(apiKeys, { expiresAt: new Date(Date.now() - 1) }, eq(apiKeys.isInternal, true)),
  );
  await expect(withKey(probe)).rejects.toMatchObject({ code: "invalid_api_key" });
  await createProbeKey(tenantId);
  expect(await find()).toHaveLength(1);
});

test("another tenant's key is as absent as one that never was", async () => {
  const other = await createPerson();
  const { slug } = await createTenant({ name: unique("other"), email: other.email });
  const { body } = await make(owner, {});
  const send = (id: unknown) =>
    ask(revoke, { cookie: other.cookie, tenant: slug, method: "DELETE", params: { id: String(id) } });
  const [foreign, absent] = [await send(body.id), await send("key_absent")];
  expect([foreign.status, foreign.body]).toEqual([absent.status, absent.body]);
  expect((await withKey(body.key)).tenantId).toBe(tenantId);
});
