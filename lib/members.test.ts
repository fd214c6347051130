import { eq } from "drizzle-orm";
import { afterAll, beforeEach, expect, test } from "vitest";
import { DELETE as withdraw } from "@/app/api/invitations/[id]/route";
import { POST as accept } from "@/app/api/invitations/accept/route";
import { GET as invitations, POST as invite } from "@/app/api/invitations/route";
import { GET as keys } from "@/app/api/keys/route";
import { PATCH as change, DELETE as remove } from "@/app/api/members/[id]/route";
import { GET as list } from "@/app/api/members/route";
import { PATCH as settings } from "@/app/api/settings/route";
import { closePools } from "@/db/index";
import { auditEvents, members } from "@/db/schema/people";
import { forTenant } from "@/db/tenant";
import { readInvitation } from "./invitations";
import { createKey } from "./keys";
import { ask, createPerson, linksTo, linkTo, unique } from "./people.fixture";
import { permissionsOf, type Role } from "./permissions";
import { actorOf } from "./session";
import { createTenant } from "./tenants";

let tenantId: string;
let tenant: string;
let owner: Awaited<ReturnType<typeof createPerson>>;

beforeEach(async () => {
  owner = await createPerson();
  const made = await createTenant({ name: unique("team"), email: owner.email });
  expect(made.password).toBeNull();
  ({ tenantId, slug: tenant } = made);
});
afterAll(closePools);

/** Somebody with a role, put in directly. */
async function join(role: Role) {
  const person = await createPerson();
  await forTenant(tenantId, (tx) => tx.insert(members, { userId: person.userId, role }));
  return person;
}
const as = (person: { cookie: string }, more: object = {}) => ({ cookie: person.cookie, tenant, ...more });
const on = (id: string, method: string, body?: object) => ({ method, params: { id }, body });
const asked = (person: { cookie: string }, email: string, role: Role) =>
  ask(invite, as(person, { method: "POST", body: { email, role } }));
const actions = async () =>
  (await forTenant(tenantId, (tx) => tx.select(auditEvents))).map((event) => event.action);

test("somebody new gets an account by the link in their mail, once", async () => {
  const email = `${unique("new")}@people.test`;
  expect((await asked(owner, email, "viewer")).status).toBe(200);
  const token = await linkTo(email);
  expect(await readInvitation(token)).toMatchObject({ email, role: "viewer", hasAccount: false });
  const nameless = await ask(accept, { method: "POST", body: { token } });
  expect(nameless).toMatchObject({ status: 400, code: "invalid_request" });
  const body = { token, name: "New Person", password: "a long password" };
  expect(await ask(accept, { method: "POST", body })).toMatchObject({ status: 200, body: { slug: tenant } });
  expect((await ask(accept, { method: "POST", body })).code).toBe("token_invalid");
  expect(await readInvitation(token)).toBeNull();
  const listed = (await ask(list, as(owner))).body.data as {
    email: string;
    role: string;
    createdAt: string;
  }[];
  expect(listed[0]?.createdAt).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  expect(listed).toContainEqual(expect.objectContaining({ email, role: "viewer", name: "New Person" }));
  expect(await actions()).toEqual(
    expect.arrayContaining(["tenant.created", "member.invited", "invitation.accepted"]),
  );
});

test("somebody with an account joins with their own session and nobody else's", async () => {
  const [guest, thief] = [await createPerson(), await createPerson()];
  await asked(owner, guest.email, "member");
  const token = await linkTo(guest.email);
  const send = (cookie?: string) =>
    ask(accept, { method: "POST", cookie, body: { token, name: "X", password: "a long password" } });
  expect(await send()).toMatchObject({ status: 401, code: "unauthenticated" });
  expect(await send(thief.cookie)).toMatchObject({ status: 403 });
  expect((await send(guest.cookie)).status).toBe(200);
  expect((await ask(list, as(guest))).status).toBe(200);
});

test("a second invitation, a withdrawal, and an inviter who lost their role each end the link", async () => {
  const email = `${unique("guest")}@people.test`;
  const person = (token: string) => ({ token, name: "Guest", password: "a long password" });
  await asked(owner, email, "viewer");
  await asked(owner, email, "viewer");
  const [second, first] = await linksTo(email);
  expect((await ask(accept, { method: "POST", body: person(String(first)) })).code).toBe("token_invalid");
  const [open] = (await ask(invitations, as(owner))).body.data as { id: string }[];
  expect((await ask(withdraw, as(owner, on(String(open?.id), "DELETE")))).status).toBe(200);
  expect((await ask(accept, { method: "POST", body: person(String(second)) })).code).toBe("token_invalid");
  const admin = await join("admin");
  await asked(admin, email, "admin");
  const third = await linkTo(email);
  await ask(change, as(owner, on(admin.userId, "PATCH", { role: "viewer" })));
  expect((await ask(accept, { method: "POST", body: person(third) })).code).toBe("token_invalid");
});

test("an admin neither makes nor touches an owner; members and viewers manage nobody", async () => {
  const [admin, member, viewer] = [await join("admin"), await join("member"), await join("viewer")];
  expect((await asked(admin, "o@people.test", "owner")).code).toBe("permission_denied");
  expect((await ask(change, as(admin, on(member.userId, "PATCH", { role: "owner" })))).code).toBe(
    "permission_denied",
  );
  expect((await ask(remove, as(admin, on(owner.userId, "DELETE")))).code).toBe("permission_denied");
  expect((await ask(change, as(admin, on(member.userId, "PATCH", { role: "tester" })))).status).toBe(200);
  for (const person of [member, viewer]) {
    expect((await ask(remove, as(person, on(admin.userId, "DELETE")))).status).toBe(403);
    expect((await asked(person, "o@people.test", "viewer")).status).toBe(403);
  }
});

test("a tester sees neither members nor keys nor settings", async () => {
  const tester = await join("tester");
  for (const handler of [list, keys, invitations]) expect((await ask(handler, as(tester))).status).toBe(403);
  expect((await ask(settings, as(tester, { method: "PATCH", body: { name: "X" } }))).status).toBe(403);
  const allowed = permissionsOf("tester");
  expect(allowed.filter((name) => /members|keys|billing|files|usage|audit|settings/.test(name))).toEqual([]);
});

test("the last owner can neither leave nor step down, even when two try at once", async () => {
  for (const gone of [
    await ask(remove, as(owner, on(owner.userId, "DELETE"))),
    await ask(change, as(owner, on(owner.userId, "PATCH", { role: "admin" }))),
  ])
    expect(gone).toMatchObject({ status: 409, code: "state_conflict" });
  const second = await join("owner");
  const both = await Promise.all([
    ask(remove, as(owner, on(second.userId, "DELETE"))),
    ask(remove, as(second, on(owner.userId, "DELETE"))),
  ]);
  expect(both.filter((answer) => answer.status === 200)).toHaveLength(1);
  const left = await forTenant(tenantId, (tx) => tx.select(members, eq(members.role, "owner")));
  expect(left).toHaveLength(1);
});

test("a removed member is out at once, and so are the keys they made", async () => {
  const admin = await join("admin");
  const actor = await actorOf(
    new Request("http://127.0.0.1/x", { headers: { cookie: admin.cookie, "graft-tenant": tenant } }),
  );
  const { key } = await createKey(actor, { name: "k", scopes: ["models.read"], expiresInDays: null });
  const withKey = () => actorOf(new Request("http://x/", { headers: { authorization: `Bearer ${key}` } }));
  expect((await withKey()).tenantId).toBe(tenantId);
  expect((await ask(remove, as(owner, on(admin.userId, "DELETE")))).status).toBe(200);
  await expect(withKey()).rejects.toMatchObject({ code: "invalid_api_key" });
  expect((await ask(list, as(admin))).code).toBe("not_found");
});

test("a member of another tenant is as absent as one who never was", async () => {
  const foreign = await createPerson();
  await createTenant({ name: unique("other"), email: foreign.email });
  const plain = (answer: { status: number; body: unknown }) =>
    `${answer.status} ${JSON.stringify(answer.body)}`;
  for (const handler of [
    (id: string) => ask(remove, as(owner, on(id, "DELETE"))),
    (id: string) => ask(change, as(owner, on(id, "PATCH", { role: "viewer" }))),
  ])
    expect(plain(await handler(foreign.userId))).toBe(plain(await handler("usr_absent")));
  expect((await ask(list, as(foreign))).code).toBe("not_found");
  expect((await ask(list, { cookie: owner.cookie, tenant: "no-such-tenant" })).code).toBe("not_found");
  expect((await ask(remove, as(owner, on("usr_\0", "DELETE")))).code).toBe("not_found");
});

test("a change must come from our own pages", async () => {
  const member = await join("member");
  const evil = as(owner, { ...on(member.userId, "DELETE"), origin: "https://evil.test" });
  expect(await ask(remove, evil)).toMatchObject({ status: 403, code: "origin_denied" });
});
