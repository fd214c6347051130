import { eq } from "drizzle-orm";
import { plans } from "@/db/schema/seller";
import { forPlatform, forTenant } from "@/db/tenant";
import { currentPeriod, sheetsById } from "./billed-periods";
import { findProfile } from "./billing-profiles";
import { AppError, fail } from "./errors";
import { price } from "./money";
import { nextMonth } from "./periods";
import { currentSheet } from "./plans";
import type { PriceSheet } from "./price-sheet";
import { subscribe } from "./subscriptions";

/** Plans that a customer may choose without asking anybody, and when a change of plan begins. */
export interface OfferedPlan {
  id: string;
  name: string;
  sheet: PriceSheet;
  isCurrent: boolean;
}

/** In the customer's currency; a public plan without prices in it is not offered. */
export async function offeredPlans(tenantId: string, now = new Date()): Promise<OfferedPlan[]> {
  const { currency, current } = await standing(tenantId, now);
  if (!currency) return [];
  const open = await forPlatform((tx) =>
    tx.select().from(plans).where(eq(plans.isPublic, true)).orderBy(plans.name),
  );
  const found: OfferedPlan[] = [];
  for (const { id, name } of open) {
    const sheet = await currentSheet(id, currency, now).catch((error: unknown) => {
      if (error instanceof AppError) return null;
      throw error;
    });
    if (sheet) found.push({ id, name, sheet: sheet.sheet, isCurrent: sheet.id === current?.priceSheetId });
  }
  return found;
}

async function standing(tenantId: string, now: Date) {
  const sheets = await sheetsById();
  return forTenant(tenantId, async (tx) => ({
    currency: (await findProfile(tx))?.currency ?? null,
    current: (await currentPeriod(tx, sheets, now))?.contract ?? null,
  }));
}

/** What costs more a month begins at once and cuts the period; what costs less, or the same, with the next month. */
export function beginsAt(next: PriceSheet, current: PriceSheet | null, now: Date): Date {
  if (!current || isMore(next.base, current.base)) return now;
  return nextMonth(now);
}

function isMore(one: string, other: string): boolean {
  const [a, b] = [price(one), price(other)];
  return a.numerator * b.denominator > b.numerator * a.denominator;
}

export async function choosePlan(
  tenantId: string,
  planId: string,
  by: string,
  now = new Date(),
): Promise<{ startsAt: Date }> {
  const plan = (await offeredPlans(tenantId, now)).find(({ id }) => id === planId);
  if (!plan) return fail("not_found", "There is no such plan in your currency.", "planId");
  if (plan.isCurrent) return fail("already_exists", "This is your plan.", "planId");
  const { current } = await standing(tenantId, now);
  if (current?.sheet.commitment)
    fail("state_conflict", "Your plan has a term that was agreed on: ask our team to change it.", "planId");
  const startsAt = beginsAt(plan.sheet, current?.sheet ?? null, now);
  await subscribe(tenantId, { planId, startsAt }, by);
  return { startsAt };
}
