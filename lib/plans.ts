import { and, desc, eq, lte } from "drizzle-orm";
import { plans, priceSheets } from "@/db/schema/seller";
import { forPlatform } from "@/db/tenant";
import { fail } from "./errors";
import { createId } from "./id";
import { isCurrency } from "./money";
import { type PriceSheet, priceSheetSchema } from "./price-sheet";

/** What is for sale. A price changes by a new sheet from a day on; who subscribed before keeps theirs. */

export async function savePlan(plan: { id: string; name: string; isPublic: boolean }): Promise<void> {
  await forPlatform((tx) =>
    tx.insert(plans).values(plan).onConflictDoUpdate({ target: plans.id, set: plan }),
  );
}

/** @returns the sheet's id. */
export async function addPriceSheet(input: {
  planId: string;
  currency: string;
  sheet: PriceSheet;
  /** `2026-01-31`. */
  effectiveFrom: string;
}): Promise<string> {
  if (!isCurrency(input.currency))
    fail("invalid_request", `${input.currency} is not a currency.`, "currency");
  const id = createId("sheet");
  const sheet = priceSheetSchema.parse(input.sheet);
  const made = await forPlatform((tx) =>
    tx
      .insert(priceSheets)
      .values({ ...input, id, sheet })
      .onConflictDoNothing()
      .returning(),
  );
  if (made.length === 0)
    fail(
      "invalid_request",
      "There are prices of this plan from that day on already; prices do not change, so choose a later day.",
      "effective_from",
    );
  return id;
}

/** The sheet that a subscription which begins now pins. */
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
  return sheet ?? fail("invalid_request", `The plan ${planId} has no prices in ${currency}.`, "plan");
}
