import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { POST as inquire } from "@/app/api/inquiries/route";
import { GET as fleet } from "@/app/api/operations/fleet/route";
import { GET as inquiries } from "@/app/api/operations/inquiries/route";
import { GET as signUp } from "@/app/api/operations/sign-up/route";
import { PATCH as move } from "@/app/api/operations/tenants/[slug]/route";
import { GET as tenants } from "@/app/api/operations/tenants/route";
import { closePools } from "@/db/index";
import { auditEvents } from "@/db/schema/people";
import { forTenant } from "@/db/tenant";
import { deleteTenant } from "./closing";
import { ask, cookieOf, createPerson, unique } from "./people.fixture";
import { actorOf, openSession } from "./session";
import { assignCustomer, createStaff, customersOf, unassignCustomer } from "./staff";
import { fileKey, readBlob, storeFile } from "./storage";
import { createTenant, listTenants } from "./tenants";

const make = (word: string) => {
  const name = unique(word);
  return createTenant({ name, email: `owner@${name}.test` });
};
async function hire(role: "account_manager" | "operator", assign: string[] = []) {
  const made = await createStaff({ email: `${unique(role)}@graft.test`, role, assign });
  return { ...made, cookie: await cookieOf(await openSession(made.userId)) };
}
let ours: Awaited<ReturnType<typeof make>>;
let theirs: Awaited<ReturnType<typeof make>>;
let manager: Awaited<ReturnType<typeof hire>>;
let operator: Awaited<ReturnType<typeof hire>>;
beforeAll(async () => {
  [ours, theirs] = [await make("ours"), await make("theirs")];
  manager = await hire("account_manager", [ours.slug]);
  operator = await hire("operator");
});
afterAll(closePools);
const slugsOf = async (person: { userId: string }) => (await customersOf(person)).map((one) => one.slug);

test("an account manager sees assigned customers only, an operator all, others none", async () => {
  expect(await slugsOf(manager)).toEqual([ours.slug]);
  expect(Date.now() - Number((await customersOf(manager))[0]?.createdAt)).toBeLessThan(600_000);
  expect(await slugsOf(operator)).toEqual(expect.arrayContaining([ours.slug, theirs.slug]));
  expect(await slugsOf(await createPerson())).toEqual([]);
  await assignCustomer(theirs.slug, manager.email);
  expect(await slugsOf(manager)).toHaveLength(2);
  await unassignCustomer(theirs.slug, manager.email);
  expect(await slugsOf(manager)).toEqual([ours.slug]);
  await expect(assignCustomer("no-such", manager.email)).rejects.toMatchObject({ code: "not_found" });
});

test("staff are no members: a customer's data stays closed to them", async () => {
  for (const person of [manager, operator]) {
    const headers = { cookie: person.cookie, "graft-tenant": ours.slug };
    await expect(actorOf(new Request("http://x/", { headers }))).rejects.toMatchObject({ code: "not_found" });
  }
});

test("operations exist for operators; account managers are refused, others find nothing", async () => {
  const customer = await createPerson();
  for (const handler of [tenants, fleet, signUp]) {
    expect((await ask(handler, { cookie: operator.cookie })).status).toBe(200);
    expect((await ask(handler, { cookie: manager.cookie })).code).toBe("permission_denied");
    expect((await ask(handler, { cookie: customer.cookie })).code).toBe("not_found");
    expect((await ask(handler, {})).code).toBe("unauthenticated");
  }
});

test("an operator suspends and activates a tenant, and the tenant's log names them", async () => {
  const send = (person: { cookie: string }, state: string, slug = theirs.slug) =>
    ask(move, { method: "PATCH", cookie: person.cookie, params: { slug }, body: { state } });
  const key = { headers: { authorization: `Bearer ${theirs.apiKey}` } };
  expect((await send(manager, "suspended")).code).toBe("permission_denied");
  expect((await send(operator, "suspended")).status).toBe(200);
  await expect(actorOf(new Request("http://x/", key))).rejects.toMatchObject({ code: "tenant_suspended" });
  expect((await send(operator, "active")).status).toBe(200);
  expect((await actorOf(new Request("http://x/", key))).tenantId).toBe(theirs.tenantId);
  expect((await send(operator, "suspended", "no-such")).code).toBe("not_found");
  const events = await forTenant(theirs.tenantId, (tx) => tx.select(auditEvents));
  expect(events.filter((event) => event.actor === operator.userId).map((event) => event.action)).toEqual(
    expect.arrayContaining(["tenant.suspended", "tenant.activated"]),
  );
});

test("a command gives each tenant its owner, password and working key, and keeps a known person's password", async () => {
  expect(ours).toMatchObject({ tenantId: expect.stringMatching(/^ten_/), password: expect.any(String) });
  expect(
    (await actorOf(new Request("http://x/", { headers: { authorization: `Bearer ${ours.apiKey}` } }))).slug,
  ).toBe(ours.slug);
  const again = await createTenant({ name: unique("second"), email: ours.email });
  expect(again.password).toBeNull();
});

test("a deleted tenant leaves no row, no key and no blob", async () => {
  const doomed = await make("doomed");
  const local = join(await mkdtemp(join(tmpdir(), "graft-")), "blob");
  await writeFile(local, "rows");
  await storeFile(fileKey(doomed.tenantId, "file-1"), local);
  await deleteTenant(doomed.slug);
  expect((await listTenants()).map((one) => one.slug)).not.toContain(doomed.slug);
  await expect(readBlob(fileKey(doomed.tenantId, "file-1"))).rejects.toMatchObject({ code: "not_found" });
  const key = { headers: { authorization: `Bearer ${doomed.apiKey}` } };
  await expect(actorOf(new Request("http://x/", key))).rejects.toMatchObject({ code: "invalid_api_key" });
  await expect(deleteTenant(doomed.slug)).rejects.toMatchObject({ code: "not_found" });
});

test("an inquiry reaches the desk, and a flood of them does not", async () => {
  const company = unique("company");
  const body = { way: "custom", name: "Li", email: "li@x.test", company, message: "line one\nline two" };
  const address = unique("net");
  const send = () => ask(inquire, { method: "POST", address, body });
  expect((await send()).status).toBe(200);
  const seen = (await ask(inquiries, { cookie: manager.cookie })).body.data as { company: string }[];
  expect(seen.map((one) => one.company)).toContain(company);
  const customer = await createPerson();
  expect((await ask(inquiries, { cookie: customer.cookie })).code).toBe("not_found");
  const statuses = [];
  for (let i = 0; i < 8; i++) statuses.push((await send()).status);
  expect(statuses.at(-1)).toBe(429);
});
