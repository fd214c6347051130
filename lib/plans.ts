import { and, asc, desc, eq, lte } from "drizzle-orm";
import { z } from "zod";
import { plans, priceSheets } from "@/db/schema/seller";
import { planUse } from "@/db/system";
import { forPlatform } from "@/db/tenant";
import { fail } from "./errors";
import { createId } from "./id";
import { log } from "./log";
import { isCurrency } from "./money";
import { type PriceSheet, priceSheetSchema } from "./price-sheet";
import { nameField } from "./users";

/** What is for sale. A price changes by a new sheet from a day on; who subscribed before keeps theirs. */

export const planSchema = z.object({
  /** Stands in addresses and commands, and never changes. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, "must be of small letters, digits and hyphens"),
  name: nameField,
  isPublic: z.boolean(),
});
type Plan = z.infer<typeof planSchema>;

/** For the operator's command: makes the plan, or changes it. */
export async function savePlan(plan: Plan): Promise<void> {
  const values = planSchema.parse(plan);
  await forPlatform((tx) =>
    tx.insert(plans).values(values).onConflictDoUpdate({ target: plans.id, set: values }),
  );
}

export async function createPlan(plan: Plan, by: string): Promise<void> {
  const values = planSchema.parse(plan);
  const made = await forPlatform((tx) => tx.insert(plans).values(values).onConflictDoNothing().returning());
  if (made.length === 0) fail("already_exists", `There is a plan \`${plan.id}\` already.`, "id");
  log().info({ by, ...values }, "plan made");
}

/** Hides, shows or renames a plan. Who is on it stays on it. */
export async function changePlan(id: string, set: Partial<Omit<Plan, "id">>, by: string): Promise<void> {
  const values = planSchema.omit({ id: true }).partial().parse(set);
  if (Object.keys(values).length === 0) fail("invalid_request", "Say what is to change.");
  const changed = await forPlatform((tx) => tx.update(plans).set(values).where(eq(plans.id, id)).returning());
  if (changed.length === 0) fail("not_found");
  log().info({ by, id, ...values }, "plan changed");
}

export const newSheetSchema = z.object({
  currency: z.string().refine(isCurrency, "is not a currency"),
  /** `2026-01-31`, a day of UTC as billing periods are. */
  effectiveFrom: z.iso.date(),
  sheet: priceSheetSchema,
});

/** @returns the sheet's id. */
export async function addPriceSheet(
  planId: string,
  input: z.infer<typeof newSheetSchema>,
  by: string,
): Promise<string> {
  const values = newSheetSchema.parse(input);
  await refuseBilledTime(planId, values);
  const id = createId("sheet");
  const made = await forPlatform(async (tx) => {
    const [plan] = await tx.select().from(plans).where(eq(plans.id, planId));
    if (!plan) return fail("not_found", `There is no plan \`${planId}\`.`);
    return tx
      .insert(priceSheets)
      .values({ ...values, id, planId })
      .onConflictDoNothing()
      .returning();
  });
  if (made.length === 0)
    fail(
      "invalid_request",
      "There are prices of this plan from that day on already; prices do not change, so choose a later day.",
      "effectiveFrom",
    );
  log().info(
    { by, planId, sheet: id, from: values.effectiveFrom, currency: values.currency },
    "prices added",
  );
  return id;
}

/** Invoices would say one price for a time, and the list of prices another. */
async function refuseBilledTime(
  planId: string,
  { currency, effectiveFrom }: { currency: string; effectiveFrom: string },
): Promise<void> {
  const sheets = await sheetsOf(planId);
  const ofCurrency = new Set(sheets.filter((one) => one.currency === currency).map(({ id }) => id));
  const until = (await planUse(new Date()))
    .flatMap((use) => (ofCurrency.has(use.price_sheet_id) ? (use.billed_until ?? []) : []))
    .sort()
    .at(-1);
  if (until !== undefined && effectiveFrom < until)
    fail(
      "invalid_request",
      `Time of this plan is billed until ${until}: new prices begin on that day or later. Customers who are on it keep their prices in any case.`,
      "effectiveFrom",
    );
}

const sheetsOf = (planId: string) =>
  forPlatform((tx) =>
    tx
      .select()
      .from(priceSheets)
      .where(eq(priceSheets.planId, planId))
      .orderBy(desc(priceSheets.effectiveFrom), asc(priceSheets.currency)),
  );

/** The sheet that a subscription which begins at an instant pins. */
export async function currentSheet(planId: string, currency: string, at: Date) {
  const [sheet] = await forPlatform((tx) =>
    tx
      .select()
      .from(priceSheets)
      .where(
        and(
          eq(priceSheets.planId, planId),
          eq(priceSheets.currency, currency),
          lte(priceSheets.effectiveFrom, at.toISOString().slice(0, 10)),
        ),
      )
      .orderBy(desc(priceSheets.effectiveFrom))
      .limit(1),
  );
  return (
    sheet ?? fail("invalid_request", `The plan ${planId} has no prices in ${currency} on that day.`, "planId")
  );
}

export interface PricedPlan extends Plan {
  /** Tenants that are on it now. */
  tenants: number;
  /** Newest first. */
  sheets: { id: string; currency: string; effectiveFrom: string; sheet: PriceSheet; tenants: number }[];
}

/** Every plan with all of its prices and how many are on which. */
export async function listPlans(now = new Date()): Promise<PricedPlan[]> {
  const [all, sheets] = await forPlatform(async (tx) => [
    await tx.select().from(plans).orderBy(plans.name),
    await tx.select().from(priceSheets).orderBy(desc(priceSheets.effectiveFrom), asc(priceSheets.currency)),
  ]);
  const onSheet = new Map((await planUse(now)).map((use) => [use.price_sheet_id, Number(use.tenants)]));
  return all.map(({ id, name, isPublic }) => {
    const own = sheets
      .filter(({ planId }) => planId === id)
      .map(({ planId: _, createdAt: __, ...sheet }) => ({ ...sheet, tenants: onSheet.get(sheet.id) ?? 0 }));
    return { id, name, isPublic, sheets: own, tenants: own.reduce((sum, { tenants }) => sum + tenants, 0) };
  });
}

export const findPlan = async (id: string): Promise<PricedPlan> =>
  (await listPlans()).find((plan) => plan.id === id) ?? fail("not_found");

/** Of some prices those that hold on the day of an instant, one a currency. */
export const sheetsInForce = <S extends { currency: string; effectiveFrom: string }>(
  newestFirst: readonly S[],
  at: Date,
): S[] => {
  const today = at.toISOString().slice(0, 10);
  const begun = newestFirst.filter(({ effectiveFrom }) => effectiveFrom <= today);
  return begun.filter((one, i) => begun.findIndex(({ currency }) => currency === one.currency) === i);
};
