import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { billingPeriods, subscriptions } from "@/db/schema/billing";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { findProfile } from "./billing-profiles";
import { fail } from "./errors";
import { createId } from "./id";
import { currentSheet } from "./plans";
import { type PriceSheet, priceSheetSchema } from "./price-sheet";

/** Which plan a tenant is on. A change ends the one and begins the other in the same instant: never two, never none. */

type Subscription = typeof subscriptions.$inferSelect;

/** Billing of a tenant is changed and run by one at a time. */
export const lockBilling = (tx: TenantTx) =>
  tx.query(sql`select pg_advisory_xact_lock(hashtext('graft.billing'), hashtext(${tx.tenantId}))`);

export const listSubscriptions = (tx: TenantTx): Promise<Subscription[]> =>
  tx.select(subscriptions, undefined, { orderBy: asc(subscriptions.startsAt) });

/** Begins a plan at an instant that is not before the present one began. @returns the subscription's id. */
export async function subscribe(
  tenantId: string,
  input: { planId: string; startsAt: Date; overrides?: Partial<PriceSheet> },
  by: string,
): Promise<string> {
  const overrides = priceSheetSchema.partial().parse(input.overrides ?? {});
  return forTenant(tenantId, async (tx) => {
    await lockBilling(tx);
    const profile = await findProfile(tx);
    if (!profile)
      return fail("invalid_request", "Fill in the billing profile first; it names the currency.", "plan");
    const sheet = await currentSheet(input.planId, profile.currency, input.startsAt);
    const open = await tx.one(subscriptions, isNull(subscriptions.endsAt));
    if (open && open.startsAt >= input.startsAt)
      fail("invalid_request", "A plan begins after the one before it.", "starts_at");
    await refuseBilledTime(tx, input.startsAt);
    if (open) await end(tx, open, input.startsAt);
    const id = createId("subscription");
    await tx.insert(subscriptions, {
      id,
      planId: input.planId,
      priceSheetId: sheet.id,
      overrides,
      startsAt: input.startsAt,
      createdBy: by,
    });
    await writeAudit(tx, by, "subscription.started", id, { plan: input.planId });
    return id;
  });
}

/** Ends what is open; usage afterwards costs nothing and limits of the free plan hold. */
export async function endSubscription(tenantId: string, endsAt: Date, by: string): Promise<void> {
  await forTenant(tenantId, async (tx) => {
    await lockBilling(tx);
    const open = await tx.one(subscriptions, isNull(subscriptions.endsAt));
    if (!open) return fail("not_found");
    if (endsAt <= open.startsAt) fail("invalid_request", "A plan ends after it began.", "ends_at");
    await refuseBilledTime(tx, endsAt);
    await end(tx, open, endsAt);
    await writeAudit(tx, by, "subscription.ended", open.id);
  });
}

async function refuseBilledTime(tx: TenantTx, at: Date): Promise<void> {
  const billed = await tx.one(billingPeriods, sql`closed_at is not null and ends_at > ${at.toISOString()}`);
  if (billed)
    fail("invalid_request", `The time until ${billed.endsAt.toISOString()} is billed already.`, "starts_at");
}

const end = (tx: TenantTx, { id }: Subscription, endsAt: Date) =>
  tx.update(
    subscriptions,
    { endsAt },
    and(eq(subscriptions.id, id), isNull(subscriptions.endsAt)) ?? sql`false`,
  );
