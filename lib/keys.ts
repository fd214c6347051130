import { randomBytes } from "node:crypto";
import { and, desc, eq, isNull, lt, sql } from "drizzle-orm";
import { apiKeys } from "@/db/schema/people";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { fail } from "./errors";
import { createId } from "./id";
import type { KeyScope } from "./permissions";
import { type Actor, sha256 } from "./session";

const PREFIX = "gk_";
/** Characters of a key that are stored in the clear, to tell keys apart in a list; 256 random bits remain. */
const START_LENGTH = 9;
const PROBE_MINUTES = 10;

/** A new key and its row; the key itself exists only in this answer. */
export async function insertKey(
  tx: TenantTx,
  values: {
    name: string;
    scopes: readonly KeyScope[];
    createdBy: string | null;
    expiresAt: Date | null;
    requestsPerMinute?: number | null;
    tokensPerMinute?: number | null;
    isInternal?: boolean;
  },
) {
  const key = PREFIX + randomBytes(32).toString("base64url");
  const [row] = await tx.insert(apiKeys, {
    ...values,
    id: createId("key"),
    scopes: [...new Set(values.scopes)],
    hash: sha256(key),
    start: key.slice(0, START_LENGTH),
  });
  if (!row) throw new Error("the key's row was not returned");
  return { key, row };
}

export async function createKey(
  actor: Actor,
  input: {
    name: string;
    scopes: KeyScope[];
    expiresInDays: number | null;
    requestsPerMinute?: number | null;
    tokensPerMinute?: number | null;
  },
) {
  const beyond = input.scopes.find((scope) => !actor.permissions.has(scope));
  if (beyond) fail("permission_denied", `Your role does not allow \`${beyond}\`.`, "scopes");
  const { expiresInDays } = input;
  const expiresAt = expiresInDays === null ? null : new Date(Date.now() + expiresInDays * 86_400_000);
  return forTenant(actor.tenantId, async (tx) => {
    const { expiresInDays: _, ...values } = input;
    const { name, scopes } = values;
    const made = await insertKey(tx, { ...values, createdBy: actor.userId, expiresAt });
    await writeAudit(tx, actor, "key.created", made.row.id, { name, scopes });
    return made;
  });
}

export interface ListedKey {
  id: string;
  name: string;
  start: string;
  scopes: string[];
  createdBy: string | null;
  creatorName: string | null;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  createdAt: Date;
}

/** Keys of people, newest first; the platform's own are never listed. */
export const listKeys = (tenantId: string): Promise<ListedKey[]> =>
  forTenant(tenantId, async (tx) => {
    const rows = await tx.select(apiKeys, eq(apiKeys.isInternal, false), {
      orderBy: [desc(apiKeys.createdAt), desc(apiKeys.id)],
    });
    const creators = await tx.query<{ id: string; name: string }>(
      sql`select u.id, u.name from users u
        where u.id in (select k.created_by from api_keys k where k.tenant_id = ${tenantId})`,
    );
    const names = new Map(creators.map((creator) => [creator.id, creator.name]));
    return rows.map(({ tenantId: _tenant, hash: _hash, isInternal: _internal, ...row }) => {
      return { ...row, creatorName: names.get(row.createdBy ?? "") ?? null };
    });
  });

export async function revokeKey(actor: Actor, id: string): Promise<void> {
  await forTenant(actor.tenantId, async (tx) => {
    const mine = and(eq(apiKeys.id, id), eq(apiKeys.isInternal, false));
    if (!mine || !(await tx.one(apiKeys, mine))) return fail("not_found");
    const revoked = await tx.update(
      apiKeys,
      { revokedAt: new Date() },
      and(mine, isNull(apiKeys.revokedAt)) ?? mine,
    );
    if (revoked.length > 0) await writeAudit(tx, actor, "key.revoked", id);
  });
}

/** Ends the keys that a former member left behind. */
export async function revokeKeysOf(tx: TenantTx, userId: string): Promise<number> {
  const open = sql`${apiKeys.createdBy} = ${userId} and ${apiKeys.revokedAt} is null`;
  return (await tx.update(apiKeys, { revokedAt: new Date() }, open)).length;
}

/** A short-lived key of the platform's own, to ask a new model one question through the public route. */
export async function createProbeKey(tenantId: string): Promise<string> {
  return forTenant(tenantId, async (tx) => {
    await tx.remove(apiKeys, sql`${apiKeys.isInternal} and ${lt(apiKeys.expiresAt, new Date())}`);
    const { key } = await insertKey(tx, {
      name: "probe",
      scopes: ["models.read", "predictions.create"],
      createdBy: null,
      expiresAt: new Date(Date.now() + PROBE_MINUTES * 60_000),
      isInternal: true,
    });
    return key;
  });
}
