import { createHash, randomBytes } from "node:crypto";
import { and, eq, gt, isNull } from "drizzle-orm";
import { getToken } from "next-auth/jwt";
import { sessions, staff, users } from "@/db/schema/people";
import { keyByHash, membershipsOf, type TenantSettings } from "@/db/system";
import { forPlatform, type Transaction } from "@/db/tenant";
import { env } from "./env";
import { AppError, fail } from "./errors";
import {
  type Permission,
  permissionsIn,
  permissionsOf,
  type Role,
  STAFF_ROLES,
  type StaffPermission,
  type StaffRole,
  type TenantState,
} from "./permissions";

/** Who asks, read fresh on every request: revoking a key, a session or a role counts at once. */
export interface Actor {
  via: "key" | "session";
  tenantId: string;
  slug: string;
  state: TenantState;
  settings: TenantSettings;
  permissions: ReadonlySet<Permission>;
  role: Role | null;
  userId: string | null;
  keyId: string | null;
  isInternal: boolean;
}
/** A signed-in person, before a tenant is chosen. */
export interface Person {
  userId: string;
  email: string;
  name: string;
  sessionId: string;
  staffRole: StaffRole | null;
}

export const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
export const SESSION_DAYS = 14;

/** Opens a session; only its random id goes into the cookie's token, only that id's hash into the row. */
export async function openSession(userId: string): Promise<string> {
  const id = randomBytes(32).toString("base64url");
  const expiresAt = new Date(Date.now() + SESSION_DAYS * 86_400_000);
  await forPlatform((tx) => tx.insert(sessions).values({ id: sha256(id), userId, expiresAt }));
  return id;
}

export async function revokeSession(id: string): Promise<void> {
  await forPlatform((tx) =>
    tx
      .update(sessions)
      .set({ revokedAt: new Date() })
      .where(eq(sessions.id, sha256(id))),
  );
}

/** Ends every session of a person, in the transaction that changes their password. */
export async function revokeSessionsOf(tx: Transaction, userId: string): Promise<void> {
  await tx
    .update(sessions)
    .set({ revokedAt: new Date() })
    .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAt)));
}

/** The person behind a session id, or null: expired, revoked, disabled and unknown look alike. */
export async function personOfSession(sessionId: string): Promise<Person | null> {
  const [row] = await forPlatform((tx) =>
    tx
      .select({ userId: users.id, email: users.email, name: users.name, staffRole: staff.role })
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .leftJoin(staff, eq(staff.userId, users.id))
      .where(
        and(
          eq(sessions.id, sha256(sessionId)),
          gt(sessions.expiresAt, new Date()),
          isNull(sessions.revokedAt),
          isNull(users.disabledAt),
        ),
      ),
  );
  return row ? { ...row, sessionId } : null;
}

function cookiesOf(request: Request): Record<string, string> {
  const pairs = (request.headers.get("cookie") ?? "").split(/;\s*/).map((part) => {
    const at = part.indexOf("=");
    const value = part.slice(at + 1);
    try {
      return [part.slice(0, at), decodeURIComponent(value)] as const;
    } catch {
      // Another site's cookie on the same host may hold anything.
      return [part.slice(0, at), value] as const;
    }
  });
  return Object.fromEntries(pairs.filter(([name]) => name));
}

/** The session id in the sign-in cookie, or null. Bearer headers are keys and never looked at here. */
export async function sessionIdOf(cookies: Record<string, string>): Promise<string | null> {
  const token = await getToken({
    req: { cookies, headers: {} } as never,
    secret: env().NEXTAUTH_SECRET,
    secureCookie: env().publicUrl.startsWith("https:"),
  });
  return typeof token?.sessionId === "string" ? token.sessionId : null;
}

/** The signed-in person of a request. Unsafe methods must come from our own pages. */
export async function personOf(request: Request): Promise<Person | null> {
  const sessionId = await sessionIdOf(cookiesOf(request));
  if (sessionId === null) return null;
  if (!isSafe(request)) assertOwnOrigin(request);
  return personOfSession(sessionId);
}

const isSafe = (request: Request) => ["GET", "HEAD"].includes(request.method);
const isOpen = (state: TenantState) => state === "active" || state === "past_due";

function assertOwnOrigin(request: Request): void {
  const origin = request.headers.get("origin");
  const own = new URL(env().publicUrl);
  if (!origin) fail("origin_denied");
  const from = URL.canParse(origin) ? new URL(origin) : fail("origin_denied");
  // Behind `npm start` the same page is reached as localhost and as 127.0.0.1.
  const isLoopback = (host: string) => ["localhost", "127.0.0.1", "[::1]"].includes(host);
  const isSame =
    from.origin === own.origin ||
    (isLoopback(from.hostname) && isLoopback(own.hostname) && from.port === own.port);
  if (!isSame) fail("origin_denied");
}

export type Membership = Awaited<ReturnType<typeof membershipsOf>>[number];

/** A person as member of one of their tenants. */
export function actorOfMembership(person: Person, membership: Membership): Actor {
  return {
    via: "session",
    tenantId: membership.tenant_id,
    slug: membership.slug,
    state: membership.state,
    settings: membership.tenant_settings,
    permissions: new Set(permissionsIn(membership.state, membership.role)),
    role: membership.role,
    userId: person.userId,
    keyId: null,
    isInternal: false,
  };
}

/** The caller of a request by bearer key, else by session and the `graft-tenant` header. Throws 401, 403, 404. */
export async function actorOf(request: Request): Promise<Actor> {
  const bearer = /^Bearer\s+(.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (bearer !== undefined) return actorOfKey(bearer.trim());
  const person = await personOf(request);
  if (!person) throw new AppError("unauthenticated");
  const slug = request.headers.get("graft-tenant") ?? new URL(request.url).searchParams.get("graft_tenant");
  // Foreign equals absent: no membership and no such tenant are the same answer.
  const found = (await membershipsOf(person.userId)).find((membership) => membership.slug === slug);
  if (!found) return fail("not_found");
  if (found.state === "suspended" && !isSafe(request)) fail("tenant_suspended");
  return actorOfMembership(person, found);
}

const lookups = new Map<string, ReturnType<typeof keyByHash>>();
/** Calls with one key that arrive in the same turn of the event loop share a look, which none of them is older than. */
function lookUp(hash: string): ReturnType<typeof keyByHash> {
  const known = lookups.get(hash);
  if (known) return known;
  const look = new Promise<void>((done) => setImmediate(done)).then(() => {
    lookups.delete(hash);
    return keyByHash(hash);
  });
  lookups.set(hash, look);
  return look;
}

async function actorOfKey(key: string): Promise<Actor> {
  const found = await lookUp(sha256(key));
  if (!found || found.state === "closed") throw new AppError("invalid_api_key");
  if (!isOpen(found.state))
    throw new AppError(found.state === "prospect" ? "contract_needed" : "tenant_suspended");
  // A key never outlives its creator's rights: scopes are cut to the role of today.
  const role = found.creator_role;
  const allowed = found.is_internal ? null : new Set<string>(role ? permissionsOf(role) : []);
  const scopes = found.scopes.filter((scope) => allowed === null || allowed.has(scope)) as Permission[];
  return {
    via: "key",
    tenantId: found.tenant_id,
    slug: found.slug,
    state: found.state,
    settings: found.tenant_settings,
    permissions: new Set(scopes),
    role: null,
    userId: found.created_by,
    keyId: found.key_id,
    isInternal: found.is_internal,
  };
}

export function staffMay(person: Person, permission: StaffPermission): boolean {
  return (
    person.staffRole !== null && (STAFF_ROLES[person.staffRole] as readonly string[]).includes(permission)
  );
}
