import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { POST as confirm } from "@/app/api/confirm/route";
import { PATCH as setSignUp } from "@/app/api/operations/sign-up/route";
import { POST as confirmReset } from "@/app/api/password-reset/confirm/route";
import { POST as requestReset } from "@/app/api/password-reset/route";
import { POST as resend } from "@/app/api/sign-up/resend/route";
import { POST as signUp } from "@/app/api/sign-up/route";
import { closePools } from "@/db/index";
import { sessions, users, userTokens } from "@/db/schema/people";
import { membershipsOf } from "@/db/system";
import { forPlatform } from "@/db/tenant";
import { checkPassword } from "./accounts";
import { listOutbox } from "./mails";
import { ask, cookieOf, createPerson, linksTo, linkTo, unique } from "./people.fixture";
import { isSignUpOpen, setSignUpOpen } from "./platform-settings";
import { openSession, personOfSession, sha256 } from "./session";
import { takeSignInTurn } from "./sign-in-limits";
import { ROUTE_WORDS } from "./slug";
import { createStaff } from "./staff";

const PASSWORD = "correct horse battery";
const form = (email: string, more: object = {}) => ({
  method: "POST",
  body: { name: "Ana", email, password: PASSWORD, organisation: "Acme", ...more },
});
const post = (body: object) => ({ method: "POST", body });
const address = () => unique("net");

beforeEach(() => setSignUpOpen(true, "test"));
afterEach(() => vi.useRealTimers());
afterAll(async () => {
  await setSignUpOpen(false, "test");
  await closePools();
});

test("sign-up is refused until an operator opens it, and only an operator can", async () => {
  await setSignUpOpen(false, "test");
  expect(await ask(signUp, form(`${unique("x")}@people.test`))).toMatchObject({
    status: 403,
    code: "sign_up_closed",
  });
  const turn = async (role: "account_manager" | "operator") => {
    const { userId } = await createStaff({ email: `${unique("staff")}@graft.test`, role });
    const cookie = await cookieOf(await openSession(userId));
    return ask(setSignUp, { method: "PATCH", cookie, body: { isOpen: true } });
  };
  expect((await turn("account_manager")).code).toBe("permission_denied");
  expect(await isSignUpOpen()).toBe(false);
  expect((await turn("operator")).body).toEqual({ isOpen: true });
  expect((await ask(signUp, form(`${unique("x")}@people.test`))).status).toBe(200);
});

test("a sign-up counts only after its link: then the person owns a tenant and can sign in", async () => {
  const email = `${unique("ana")}@people.test`;
  expect(await ask(signUp, form(email.toUpperCase()))).toMatchObject({ status: 200, body: { sent: true } });
  await expect(checkPassword(email, PASSWORD, address())).rejects.toMatchObject({
    code: "email_not_confirmed",
  });
  await expect(checkPassword(email, "wrong password", address())).rejects.toMatchObject({
    code: "unauthenticated",
  });
  const done = await ask(confirm, post({ token: await linkTo(email) }));
  expect(done).toMatchObject({ status: 200, body: { email, slug: expect.stringMatching(/^acme(-|$)/) } });
  const person = await checkPassword(email, PASSWORD, address());
  expect(await membershipsOf(person.id)).toMatchObject([
    { slug: done.body.slug, role: "owner", name: "Acme" },
  ]);
});

test("a link works once, only for its purpose, and not after its time", async () => {
  const email = `${unique("once")}@people.test`;
  await ask(signUp, form(email));
  const token = await linkTo(email);
  const asReset = await ask(confirmReset, post({ token, password: "another password" }));
  expect(asReset).toMatchObject({ status: 400, code: "token_invalid" });
  expect((await ask(confirm, post({ token }))).status).toBe(200);
  expect(await ask(confirm, post({ token }))).toMatchObject({ status: 400, code: "token_invalid" });

  const late = `${unique("late")}@people.test`;
  await ask(signUp, form(late));
  const old = await linkTo(late);
  await forPlatform((tx) =>
    tx
      .update(userTokens)
      .set({ expiresAt: new Date(Date.now() - 1000) })
      .where(eq(userTokens.tokenHash, sha256(old))),
  );
  expect(await ask(confirm, post({ token: old }))).toMatchObject({ code: "token_invalid" });
  expect(await ask(confirm, post({ token: "no-such-token" }))).toMatchObject({ code: "token_invalid" });
});

test("one link pressed many times at once makes one tenant", async () => {
  const email = `${unique("many")}@people.test`;
  await ask(signUp, form(email));
  const token = await linkTo(email);
  const answers = await Promise.all(Array.from({ length: 6 }, () => ask(confirm, post({ token }))));
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  const { id } = await checkPassword(email, PASSWORD, address());
  expect(await membershipsOf(id)).toHaveLength(1);
});

test("nobody can plant a password on an address: a link confirms the sign-up that it was mailed for", async () => {
  const email = `${unique("victim")}@people.test`;
  await ask(signUp, form(email));
  await ask(signUp, form(email, { password: "the attacker's own" }));
  const [attackers, own] = await linksTo(email);
  expect((await ask(confirm, post({ token: own }))).status).toBe(200);
  await expect(checkPassword(email, "the attacker's own", address())).rejects.toMatchObject({
    code: "unauthenticated",
  });
  expect(await ask(confirm, post({ token: attackers }))).toMatchObject({ code: "token_invalid" });
  await checkPassword(email, PASSWORD, address());
});

test("no answer says whether an address is known, by its words or by its time", { retry: 2 }, async () => {
  const known = await createPerson();
  const stranger = `${unique("stranger")}@people.test`;
  const before = await personRow(known.email);
  const timed = async (handler: typeof requestReset | typeof signUp, body: object) => {
    const start = performance.now();
    const { status, body: said } = await ask(handler, post(body));
    return { said: `${status} ${JSON.stringify(said)}`, ms: performance.now() - start };
  };
  for (const [handler, body] of [
    [requestReset, (email: string) => ({ email })],
    [signUp, (email: string) => form(email).body],
  ] as const) {
    const a = await timed(handler, body(known.email));
    const b = await timed(handler, body(stranger));
    expect(a.said).toBe(b.said);
    expect(Math.abs(a.ms - b.ms)).toBeLessThan(150);
  }
  expect((await listOutbox()).find((mail) => mail.toEmail === known.email)?.subject).toMatch(/already/);
  expect((await personRow(known.email))?.passwordHash).toBe(before?.passwordHash);
});
const personRow = async (email: string) =>
  (await forPlatform((tx) => tx.select().from(users).where(eq(users.email, email))))[0];

test("a confirmation is mailed again only to who knows the password of that sign-up", async () => {
  const email = `${unique("again")}@people.test`;
  await ask(signUp, form(email));
  await ask(resend, post({ email, password: "not this one" }));
  expect(await linksTo(email)).toHaveLength(1);
  await ask(resend, post({ email, password: PASSWORD }));
  expect(await linksTo(email)).toHaveLength(2);
  expect((await ask(confirm, post({ token: await linkTo(email) }))).status).toBe(200);
});

test("a reset sets the password once and signs the person out everywhere", async () => {
  const person = await createPerson();
  const open = await openSession(person.userId);
  expect(await personOfSession(open)).toMatchObject({ email: person.email });
  await ask(requestReset, post({ email: person.email }));
  const first = await linkTo(person.email);
  await ask(requestReset, post({ email: person.email }));
  const token = await linkTo(person.email);
  expect((await ask(confirmReset, post({ token, password: "short" }))).code).toBe("invalid_request");
  expect((await ask(confirmReset, post({ token, password: "a new long one" }))).status).toBe(200);
  expect(await personOfSession(open)).toBeNull();
  for (const spent of [token, first])
    expect((await ask(confirmReset, post({ token: spent, password: "yet another one" }))).code).toBe(
      "token_invalid",
    );
  await expect(checkPassword(person.email, person.password, address())).rejects.toMatchObject({
    code: "unauthenticated",
  });
  await checkPassword(person.email, "a new long one", address());
});

test("rows hold hashes of links, sessions and passwords, never the things themselves", async () => {
  const person = await createPerson();
  const session = await openSession(person.userId);
  await ask(requestReset, post({ email: person.email }));
  const token = await linkTo(person.email);
  const rows = await forPlatform(async (tx) => [
    await tx.select().from(users).where(eq(users.id, person.userId)),
    await tx.select().from(sessions).where(eq(sessions.userId, person.userId)),
    await tx.select().from(userTokens).where(eq(userTokens.userId, person.userId)),
  ]);
  const text = JSON.stringify(rows);
  for (const secret of [person.password, session, token]) expect(text).not.toContain(secret);
  expect(text).toContain("$argon2id$");
});

test("a disabled person is signed out and cannot sign in", async () => {
  const person = await createPerson();
  const session = await openSession(person.userId);
  await forPlatform((tx) =>
    tx.update(users).set({ disabledAt: new Date() }).where(eq(users.id, person.userId)),
  );
  expect(await personOfSession(session)).toBeNull();
  await expect(checkPassword(person.email, person.password, address())).rejects.toMatchObject({
    code: "unauthenticated",
  });
});

test("an organisation called like a page, or like another, gets a slug of its own", async () => {
  const slugs: string[] = [];
  for (const organisation of ["Pricing", "Same Name", "Same Name", "智能"]) {
    const email = `${unique("slug")}@people.test`;
    await ask(signUp, form(email, { organisation }));
    slugs.push(String((await ask(confirm, post({ token: await linkTo(email) }))).body.slug));
  }
  expect(new Set(slugs).size).toBe(4);
  expect(slugs.filter((slug) => ROUTE_WORDS.has(slug))).toEqual([]);
});

test("guessing is slowed by address of mail and of network, then refused, and forgotten later", async () => {
  vi.useFakeTimers();
  const attempt = async (email: string, from: string) => {
    const start = Date.now();
    const turn = takeSignInTurn(email, from).then(
      () => Date.now() - start,
      (error: { code: string }) => error.code,
    );
    await vi.advanceTimersByTimeAsync(11_000);
    return turn;
  };
  const email = `${unique("guessed")}@people.test`;
  const parallel = Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      takeSignInTurn(email, `net-${i}-${email}`).then(
        () => "tried",
        (error: { code: string }) => error.code,
      ),
    ),
  );
  await vi.advanceTimersByTimeAsync(15_000);
  const outcome = await parallel;
  expect(outcome.filter((one) => one === "tried")).toHaveLength(10);
  expect(outcome.filter((one) => one === "rate_limit_exceeded")).toHaveLength(2);
  const network = unique("botnet");
  for (let i = 0; i < 20; i++) await attempt(`${i}-${email}`, network);
  expect(await attempt(`next-${email}`, network)).toBeGreaterThan(0);
  await vi.advanceTimersByTimeAsync(16 * 60_000);
  expect(await attempt(email, network)).toBe(0);
});

test("a right password costs nobody their next sign-ins", async () => {
  const [email, from] = [`${unique("fine")}@people.test`, unique("office")];
  const start = performance.now();
  for (let i = 0; i < 60; i++) (await takeSignInTurn(email, from)).succeeded();
  expect(performance.now() - start).toBeLessThan(500);
});
