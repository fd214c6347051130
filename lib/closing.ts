import { getTableName, isNotNull, isNull, max, sql } from "drizzle-orm";
import {
  billingPeriods,
  billingProfiles,
  creditNoteLines,
  creditNotes,
  credits,
  creditUses,
  invoiceLines,
  invoices,
  paymentReversals,
  payments,
  settlements,
  subscriptions,
} from "@/db/schema/billing";
import { milestones, projects, quoteLines, quotes, retainerMonths } from "@/db/schema/projects";
import { usageDays, usageEvents, usageHours } from "@/db/schema/usage";
import { allTenants, eraseTenant, removeTenant, renameTenant, setTenantState } from "@/db/system";
import { forTenant, type TenantTx } from "@/db/tenant";
import { contractsOf, sheetsById } from "./billed-periods";
import { fail } from "./errors";
import { forgetTenant } from "./home";
import { log } from "./log";
import { addMonths, monthName, periodsOf } from "./periods";
import { retainersDue } from "./retainers";
import { documentsPrefix, removeBlobs, tenantPrefixes } from "./storage";
import { lockBilling } from "./subscriptions";

/**
 * A customer goes. Data, models, keys and people go at once; what the last invoice is computed from stays until it is
 * issued; issued documents, what settled them and the sealed days' roots stay as the law wants it, under no name but
 * the buyer's on the documents themselves.
 */

/** The longest that a country of our customers wants invoices kept. */
export const RETENTION_YEARS = 10;

const DOCUMENTS = [
  invoices,
  invoiceLines,
  creditNotes,
  creditNoteLines,
  payments,
  paymentReversals,
  settlements,
  usageDays,
];
const BILLING = [
  subscriptions,
  billingPeriods,
  billingProfiles,
  credits,
  creditUses,
  usageEvents,
  usageHours,
  projects,
  quotes,
  quoteLines,
  milestones,
  retainerMonths,
];
const names = (tables: typeof BILLING | typeof DOCUMENTS) => tables.map(getTableName);

export interface Closed {
  tenantId: string;
  /** Issued invoices that are kept. */
  documents: number;
  /** The last invoice is still to come; what it needs goes with it. */
  isBillOpen: boolean;
}

/** Broken off half-way it leaves a closed tenant, to be deleted again; the worker goes on with it too. */
export async function deleteTenant(slug: string, now = new Date()): Promise<Closed> {
  const tenant = (await allTenants()).find((one) => one.slug === slug) ?? fail("not_found");
  const { tenant_id: tenantId } = tenant;
  if (slug === closedSlug(tenantId))
    fail("state_conflict", `It is deleted; its documents are kept for ${RETENTION_YEARS} years.`, "slug");
  await setTenantState(slug, "closed");
  await forTenant(tenantId, (tx) => endContracts(tx, now));
  await removeData(tenantId);
  await eraseTenant(tenantId, [...names(DOCUMENTS), ...names(BILLING)]);
  // What a running upload still wrote meanwhile.
  await removeData(tenantId);
  return finish(tenantId, slug, now);
}

/** The worker's part: closed tenants whose last invoice is issued, and documents that need not be kept any more. */
export async function eraseClosedTenants(now = new Date()): Promise<void> {
  for (const { tenant_id: tenantId, slug, state } of await allTenants()) {
    if (state !== "closed") continue;
    try {
      if (slug === closedSlug(tenantId)) await endRetention(tenantId, slug, now);
      else await finish(tenantId, slug, now);
    } catch (error) {
      log().error({ tenantId, error }, "a closed tenant could not be erased");
    }
  }
}

async function endContracts(tx: TenantTx, now: Date): Promise<void> {
  await lockBilling(tx);
  const at = now.toISOString();
  await tx.remove(subscriptions, sql`starts_at >= ${at}`);
  await tx.update(subscriptions, { endsAt: now }, sql`ends_at is null or ends_at > ${at}`);
  await tx.update(projects, { state: "closed", endedAt: now }, isNull(projects.endedAt));
}

async function removeData(tenantId: string): Promise<void> {
  for (const prefix of tenantPrefixes(tenantId)) await removeBlobs(prefix);
  await forgetTenant(tenantId);
}

async function finish(tenantId: string, slug: string, now: Date): Promise<Closed> {
  const isBillOpen = await forTenant(tenantId, (tx) => hasUnbilled(tx, now));
  const issued = await forTenant(tenantId, (tx) => tx.select(invoices, isNotNull(invoices.number)));
  const closed = { tenantId, documents: issued.length, isBillOpen };
  if (isBillOpen) return closed;
  if (issued.length === 0) await removeTenant(slug);
  else {
    await eraseTenant(tenantId, names(DOCUMENTS));
    await forTenant(tenantId, (tx) => tx.remove(invoices, isNull(invoices.number)));
    await renameTenant(tenantId, closedSlug(tenantId), "Closed organisation");
  }
  return closed;
}

/** Time that no run has dealt with, or a draft that nobody has issued or discarded. */
async function hasUnbilled(tx: TenantTx, now: Date): Promise<boolean> {
  const profile = await tx.one(billingProfiles, sql`true`);
  // Without one nothing was ever agreed that could be billed.
  if (!profile) return false;
  if (await tx.one(invoices, sql`state = 'draft'`)) return true;
  const done = await tx.select(billingPeriods, isNotNull(billingPeriods.closedAt));
  const isDone = (id: string, from: Date) =>
    done.some((one) => one.subscriptionId === id && one.startsAt.getTime() === from.getTime());
  const contracts = await contractsOf(tx, await sheetsById());
  const open = contracts.flatMap((one) =>
    periodsOf(one, addMonths(now, 1)).filter(({ startsAt }) => !isDone(one.id, startsAt)),
  );
  const tax = { taxCode: "standard", rateBp: 0 };
  const retainers = await retainersDue(tx, monthName(now), { currency: profile.currency, tax });
  return open.length > 0 || retainers.length > 0;
}

async function endRetention(tenantId: string, slug: string, now: Date): Promise<void> {
  const newest = await forTenant(tenantId, (tx) =>
    tx.query<{ at: string }>(sql`select ${max(invoices.issuedAt)} as at from invoices
      where tenant_id = ${tx.tenantId}`),
  );
  const last = new Date(newest[0]?.at ?? 0);
  // Whole calendar years after the one of the newest document.
  if (now.getUTCFullYear() - last.getUTCFullYear() <= RETENTION_YEARS) return;
  await removeBlobs(documentsPrefix(tenantId));
  await removeTenant(slug);
}

const closedSlug = (tenantId: string) => `closed-${tenantId.slice(-12)}`;
