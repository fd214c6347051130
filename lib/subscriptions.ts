import { and, asc, desc, eq, isNull, sql } from "drizzle-orm";
import { billingPeriods, subscriptions } from "@/db/schema/billing";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { findProfile } from "./billing-profiles";
import { fail } from "./errors";
import { createId } from "./id";
import { currentSheet } from "./plans";
import { type Overrides, overridesSchema } from "./price-sheet";

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
  input: { planId: string; startsAt: Date; overrides?: Overrides },
  by: string,
): Promise<string> {
  const overrides = overridesSchema.parse(input.overrides ?? {});
  return forTenant(tenantId, async (tx) => {
    await lockBilling(tx);
    const profile = await findProfile(tx);
    if (!profile)
      return fail("invalid_request", "Fill in the billing profile first; it names the currency.", "planId");
    const sheet = await currentSheet(input.planId, profile.currency, input.startsAt);
    await refuseBilledTime(tx, input.startsAt, "startsOn");
    const last = (await listSubscriptions(tx)).at(-1);
    if (last) await makeRoom(tx, last, input.startsAt);
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

/** Before a plan begins the one before it has ended, or ends now. */
async function makeRoom(tx: TenantTx, last: Subscription, startsAt: Date): Promise<void> {
  if (last.startsAt >= startsAt)
    fail(
      "invalid_request",
      `A plan begins after the one before it, and that begins at ${last.startsAt.toISOString()}.`,
      "startsOn",
    );
  if (last.endsAt === null) await end(tx, last, startsAt);
  else if (last.endsAt > startsAt)
    fail(
      "invalid_request",
      `The plan before it goes on until ${last.endsAt.toISOString()}: the next one begins then or later.`,
      "startsOn",
    );
}

/** Ends what is open; usage afterwards costs nothing and limits of the free plan hold. */
export async function endSubscription(tenantId: string, id: string, endsAt: Date, by: string): Promise<void> {
  await forTenant(tenantId, async (tx) => {
    await lockBilling(tx);
    const open = await tx.one(subscriptions, isOpen(id));
    if (!open) return fail("not_found");
    if (endsAt <= open.startsAt) fail("invalid_request", "A plan ends after it began.", "endsOn");
    await refuseBilledTime(tx, endsAt, "endsOn");
    await end(tx, open, endsAt);
    await writeAudit(tx, by, "subscription.ended", open.id);
  });
}

async function refuseBilledTime(tx: TenantTx, at: Date, param: "startsOn" | "endsOn"): Promise<void> {
  const [billed] = await tx.select(
    billingPeriods,
    sql`closed_at is not null and ends_at > ${at.toISOString()}`,
    { orderBy: desc(billingPeriods.endsAt), limit: 1 },
  );
  if (billed)
    fail(
      "invalid_request",
      `The time until ${billed.endsAt.toISOString()} is billed already: choose that day or a later one.`,
      param,
    );
}

const isOpen = (id: string) => and(eq(subscriptions.id, id), isNull(subscriptions.endsAt)) ?? sql`false`;
const end = (tx: TenantTx, { id }: Subscription, endsAt: Date) =>
  tx.update(subscriptions, { endsAt }, isOpen(id));
