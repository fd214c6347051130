import { createHash, createSign, generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { eq } from "drizzle-orm";
import NextAuth from "next-auth";
import { decode } from "next-auth/jwt";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { users } from "@/db/schema/people";
import { forPlatform } from "@/db/tenant";
import { authOptions } from "./auth";
import { env } from "./env";
import { createPerson, unique } from "./people.fixture";
import { personOf } from "./session";
import { reserveUser } from "./users";

/** A browser with a cookie jar in front of next-auth, with the options that the route gives it. */
function browser() {
  const jar: Record<string, string> = {};
  const visit = async (method: string, path: string, body?: Record<string, string>) => {
    const url = new URL(path, env().publicUrl);
    const answer: { status: number; redirect?: string; body?: unknown } = { status: 200 };
    const set = (line: string) => {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") delete jar[name];
      else jar[name] = decodeURIComponent(value);
    };
    const response = {
      status: (code: number) => {
        answer.status = code;
        return response;
      },
      getHeader: () => undefined,
      setHeader: (name: string, value: string | string[]) => {
        if (name === "Set-Cookie") for (const line of [value].flat()) set(line);
        if (name === "Location") answer.redirect = String(value);
        return response;
      },
      json: (body: unknown) => Object.assign(answer, { body }),
      send: (body: unknown) => Object.assign(answer, { body }),
      end: () => undefined,
    };
    const request = {
      method,
      query: { ...Object.fromEntries(url.searchParams), nextauth: url.pathname.split("/").slice(3) },
      cookies: { ...jar },
      headers: { host: url.host, "x-forwarded-for": unique("net") },
      body: body ?? {},
    };
    await NextAuth(request as never, response as never, authOptions());
    return answer;
  };
  const csrfToken = async () =>
    ((await visit("GET", "/api/auth/csrf")).body as { csrfToken: string }).csrfToken;
  const cookie = () =>
    Object.entries(jar)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join("; ");
  return {
    jar,
    visit,
    csrfToken,
    person: () => personOf(new Request(env().publicUrl, { headers: { cookie: cookie() } })),
    signIn: async (email: string, password: string) =>
      visit("POST", "/api/auth/callback/credentials", { csrfToken: await csrfToken(), email, password }),
  };
}
const SESSION = "next-auth.session-token";

afterAll(closePools);

test("a password opens a session whose cookie carries a random id and nothing of the person", async () => {
  const person = await createPerson();
  const page = browser();
  expect((await page.signIn(person.email, person.password)).redirect).not.toContain("error");
  const token = await decode({ token: page.jar[SESSION], secret: env().NEXTAUTH_SECRET });
  expect(Object.keys(token ?? {}).sort()).toEqual(["exp", "iat", "jti", "sessionId"]);
  expect(await page.person()).toMatchObject({ email: person.email, userId: person.userId });
  expect((await page.visit("GET", "/api/auth/session")).body).toMatchObject({
    user: { email: person.email },
  });
  expect(await page.person()).toMatchObject({ email: person.email });
});

test("signing out ends the session itself: a copy of the cookie is worth nothing", async () => {
  const person = await createPerson();
  const page = browser();
  await page.signIn(person.email, person.password);
  const copy = browser();
  Object.assign(copy.jar, page.jar);
  expect(await copy.person()).not.toBeNull();
  await page.visit("POST", "/api/auth/signout", { csrfToken: await page.csrfToken() });
  expect(await copy.person()).toBeNull();
  await copy.visit("GET", "/api/auth/session");
  expect(copy.jar[SESSION]).toBeUndefined();
});

test("a wrong password and an unknown address get the same answer and no session", async () => {
  const person = await createPerson();
  const page = browser();
  const answers = [
    await page.signIn(person.email, "wrong password"),
    await page.signIn(`${unique("nobody")}@people.test`, "wrong password"),
    await page.signIn("not an address", "wrong password"),
  ];
  expect(new Set(answers.map((one) => `${one.status} ${one.redirect}`)).size).toBe(1);
  expect(answers[0]?.redirect).toContain("error=unauthenticated");
  expect(await page.person()).toBeNull();
});

test("a forged, foreign or empty cookie is nobody", async () => {
  for (const cookie of [`${SESSION}=abc`, `${SESSION}=%`, "", "a=%E0%A4%A; b"])
    expect(await personOf(new Request(env().publicUrl, { headers: { cookie } }))).toBeNull();
});

/** A company's identity provider: discovery, authorisation with PKCE, a signed id token. */
const claims: { email: string; email_verified: boolean; name: string } = {
  email: "",
  email_verified: true,
  name: "From The Company",
};
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
let issuer = "";
let server: Server;
beforeAll(async () => {
  const codes = new Map<string, URLSearchParams>();
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", issuer);
    const json = (body: object, status = 200) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (url.pathname === "/.well-known/openid-configuration")
      return json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
      });
    if (url.pathname === "/keys")
      return json({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k" }] });
    if (url.pathname === "/authorize") {
      const code = randomUUID();
      codes.set(code, url.searchParams);
      return json({ code, state: url.searchParams.get("state") });
    }
    let body = "";
    for await (const chunk of request) body += chunk;
    const form = new URLSearchParams(body);
    const asked = codes.get(form.get("code") ?? "");
    const proof = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (!asked || asked.get("code_challenge") !== proof) return json({ error: "invalid_grant" }, 400);
    const now = Math.floor(Date.now() / 1000);
    const nonce = asked.get("nonce");
    const said = { iss: issuer, aud: "graft", sub: "42", iat: now, exp: now + 60, nonce, ...claims };
    const unsigned = `${part({ alg: "RS256", kid: "k" })}.${part(said)}`;
    const signature = createSign("RSA-SHA256").update(unsigned).sign(privateKey, "base64url");
    json({ access_token: "x", token_type: "Bearer", id_token: `${unsigned}.${signature}` });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(env(), { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: "graft", OIDC_CLIENT_SECRET: "secret" });
});
afterAll(() => server.close());
afterEach(() => Object.assign(claims, { email_verified: true }));

async function throughIssuer(email: string) {
  claims.email = email;
  const page = browser();
  const { redirect } = await page.visit("POST", "/api/auth/signin/oidc", {
    csrfToken: await page.csrfToken(),
  });
  const answer = (await (await fetch(String(redirect))).json()) as { code: string; state: string };
  const back = await page.visit("GET", `/api/auth/callback/oidc?${new URLSearchParams(answer)}`);
  return { page, back };
}

test("a company's provider signs in who it vouches for: new people, and those who are known", async () => {
  const email = `${unique("sso")}@company.test`;
  const { page } = await throughIssuer(email);
  expect(await page.person()).toMatchObject({ email, name: "From The Company" });
  const known = await createPerson();
  expect(await (await throughIssuer(known.email)).page.person()).toMatchObject({ userId: known.userId });
});

test("an address that the provider does not vouch for opens nobody's account", async () => {
  const known = await createPerson();
  claims.email_verified = false;
  const { page, back } = await throughIssuer(known.email);
  expect(back.redirect).toContain("AccessDenied");
  expect(await page.person()).toBeNull();
});

test("a person who comes by the provider has no password that somebody could have planted", async () => {
  const email = `${unique("planted")}@company.test`;
  await forPlatform((tx) => reserveUser(tx, email, "Somebody"));
  await throughIssuer(email);
  const [row] = await forPlatform((tx) => tx.select().from(users).where(eq(users.email, email)));
  expect(row).toMatchObject({ passwordHash: null, emailConfirmedAt: expect.any(Date) });
});
