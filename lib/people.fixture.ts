import { eq, like, or } from "drizzle-orm";
import { encode } from "next-auth/jwt";
import { mails } from "@/db/schema/people";
import { forPlatform } from "@/db/tenant";
import { env } from "./env";
import { listOutbox } from "./mails";
import { openSession } from "./session";
import { ensurePerson } from "./users";

/** For tests: people with sessions, requests as a browser sends them, and the links in the outbox. */
let made = 0;
export const unique = (word: string) =>
  `${word}-${Date.now().toString(36)}${process.pid.toString(36)}${made++}`;

export async function createPerson(email = `${unique("person")}@people.test`) {
  const { userId, password } = await ensurePerson({ email, name: "Test Person" });
  const cookie = await cookieOf(await openSession(userId));
  return { userId, email, password: password ?? "", cookie };
}

/** The cookie that next-auth would set for a session. */
export async function cookieOf(sessionId: string): Promise<string> {
  return `next-auth.session-token=${await encode({ token: { sessionId }, secret: env().NEXTAUTH_SECRET })}`;
}

type Handler = (
  request: Request,
  context?: { params: Promise<Record<string, unknown>> },
) => Promise<Response>;

/** Asks a route handler as a browser or a client would. */
export async function ask(
  handler: Handler,
  options: {
    method?: string;
    cookie?: string;
    key?: string;
    tenant?: string;
    origin?: string;
    address?: string;
    params?: Record<string, string>;
    /** As it stands behind the question mark. */
    query?: string;
    body?: unknown;
  } = {},
) {
  const { method = "GET", cookie, key, tenant, params = {}, query = "", body } = options;
  const headers = new Headers({
    origin: options.origin ?? env().publicUrl,
    "x-forwarded-for": options.address ?? unique("address"),
  });
  if (cookie) headers.set("cookie", cookie);
  if (key) headers.set("authorization", `Bearer ${key}`);
  if (tenant) headers.set("graft-tenant", tenant);
  const request = new Request(new URL(`/asked?${query}`, env().publicUrl), {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const response = await handler(request, { params: Promise.resolve(params) });
  const json = (await response.json()) as Record<string, unknown> & {
    error?: { code: string; message: string; param: string | null };
  };
  return { status: response.status, body: json, code: json.error?.code };
}

/** The one-time secrets mailed to an address, newest first. */
export async function linksTo(email: string): Promise<string[]> {
  return (await listOutbox())
    .filter((mail) => mail.toEmail === email)
    .flatMap((mail) => /token=([\w-]+)/.exec(mail.body)?.[1] ?? []);
}

export async function linkTo(email: string): Promise<string> {
  const [token] = await linksTo(email);
  if (!token) throw new Error(`no link was mailed to ${email}`);
  return token;
}

/** Every mail to an address, or about something that its text names, oldest first. The outbox page shows the newest alone. */
export const mailsWith = (text: string) =>
  forPlatform((tx) =>
    tx
      .select()
      .from(mails)
      .where(or(eq(mails.toEmail, text), like(mails.body, `%${text}%`)))
      .orderBy(mails.createdAt, mails.id),
  );
