import { sql } from "drizzle-orm";
import { allTenants, insertProspect, insertTenant, setTenantState } from "@/db/system";
import { forPlatform, forTenant, type TenantTx, type Transaction } from "@/db/tenant";
import { writeAudit } from "./audit";
import { fail } from "./errors";
import { createId } from "./id";
import { insertKey } from "./keys";
import { KEY_SCOPES } from "./permissions";
import type { Actor } from "./session";
import { slugFrom } from "./slug";
import { ensurePerson } from "./users";

/** Makes a tenant with its owner inside an open transaction; a slug that is taken gets random letters. */
export async function openTenant(tx: Transaction, name: string, ownerId: string): Promise<Made> {
  return withFreeSlug(name, async (made) => {
    // A savepoint: a slug that is taken must not end the whole transaction.
    await tx.transaction((inner) => insertTenant(made.tenantId, made.slug, name, ownerId, inner));
    return made;
  });
}

interface Made {
  tenantId: string;
  slug: string;
}

/** A tenant of somebody who asked us, without members yet; what `work` does is in the same transaction. */
export const openProspect = <R>(name: string, work: (tx: TenantTx, made: Made) => Promise<R>): Promise<R> =>
  withFreeSlug(name, (made) =>
    forTenant(made.tenantId, async (tx) => {
      await insertProspect(tx, made.tenantId, made.slug, name);
      return work(tx, made);
    }),
  );

async function withFreeSlug<R>(name: string, insert: (made: Made) => Promise<R>): Promise<R> {
  const tenantId = createId("tenant");
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      return await insert({ tenantId, slug: slugFrom(name, attempt > 0) });
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  throw new Error("no free slug after five attempts");
}

function isTaken(error: unknown): boolean {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return code === "23505" || (typeof cause === "object" && cause !== null && isTaken(cause));
}

export const noteTenantCreated = (tenantId: string, by: string) =>
  forTenant(tenantId, (tx) => writeAudit(tx, by, "tenant.created", tenantId));

/** The operator's command: a tenant, its owner, and a first key. Who exists already keeps their password. */
export async function createTenant(input: { name: string; email: string; password?: string }): Promise<{
  tenantId: string;
  slug: string;
  email: string;
  password: string | null;
  apiKey: string;
}> {
  const email = input.email.trim().toLowerCase();
  const { userId, password } = await ensurePerson({ ...input, email, name: nameFrom(email) });
  const { tenantId, slug } = await forPlatform((tx) => openTenant(tx, input.name, userId));
  await noteTenantCreated(tenantId, "system");
  const { key } = await forTenant(tenantId, (tx) =>
    insertKey(tx, { name: "First key", scopes: KEY_SCOPES, createdBy: userId, expiresAt: null }),
  );
  return { tenantId, slug, email, password, apiKey: key };
}

/** `ana.silva@acme.test` -> `Ana Silva`. */
export function nameFrom(email: string): string {
  return (email.split("@")[0] ?? email)
    .split(/[._-]+/)
    .filter((part) => part !== "")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join(" ");
}

export async function listTenants() {
  return (await allTenants()).map((row) => ({
    tenantId: row.tenant_id,
    slug: row.slug,
    name: row.name,
    state: row.state,
    createdAt: new Date(row.created_at),
    members: Number(row.members),
  }));
}

async function findTenant(slug: string) {
  return (await listTenants()).find((tenant) => tenant.slug === slug) ?? fail("not_found");
}

/** Suspending stops keys and every change; data stays and can be looked at. `by`: a staff's user id, or `system`. */
export async function suspendTenant(slug: string, by = "system"): Promise<void> {
  await moveTenant(slug, "suspended", by);
}
export async function activateTenant(slug: string, by = "system"): Promise<void> {
  await moveTenant(slug, "active", by);
}

async function moveTenant(slug: string, state: "active" | "suspended", by: string): Promise<void> {
  const tenant = await findTenant(slug);
  if (tenant.state === state) return;
  if (!(await setTenantState(slug, state))) fail("not_found");
  await forTenant(tenant.tenantId, (tx) =>
    writeAudit(tx, by, state === "active" ? "tenant.activated" : "tenant.suspended", tenant.tenantId),
  );
}

/** With the first signature a prospect is a customer; nothing happens to who is one already. */
export async function becomeCustomer(tx: TenantTx, by: string): Promise<void> {
  const became = await tx.query(
    sql`update tenants set state = 'active' where id = ${tx.tenantId} and state = 'prospect' returning 1`,
  );
  if (became.length > 0) await writeAudit(tx, by, "tenant.activated", tx.tenantId);
}

export interface TenantChange {
  name?: string;
  storePredictions?: boolean;
}

export async function changeSettings(
  actor: Actor,
  change: TenantChange,
): Promise<{ name: string; slug: string; storePredictions: boolean }> {
  return forTenant(actor.tenantId, async (tx) => {
    const stored = change.storePredictions === undefined ? {} : { storePredictions: change.storePredictions };
    const [row] = await tx.query<{ name: string; slug: string; settings: Actor["settings"] }>(
      sql`update tenants set name = coalesce(${change.name ?? null}, name),
        settings = settings || ${JSON.stringify(stored)}::jsonb where id = ${actor.tenantId}
        returning name, slug, settings`,
    );
    if (!row) return fail("not_found");
    await writeAudit(tx, actor, "settings.changed", actor.tenantId, { ...change });
    return { name: row.name, slug: row.slug, storePredictions: row.settings.storePredictions ?? false };
  });
}
