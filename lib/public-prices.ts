import { asc, desc, eq } from "drizzle-orm";
import { plans, priceSheets } from "@/db/schema/seller";
import { forPlatform } from "@/db/tenant";
import { price } from "./money";
import { sheetsInForce } from "./plans";
import type { PriceSheet } from "./price-sheet";

/** The prices that everybody may see: public plans, each with what it costs today. */
export interface PublicPlan {
  id: string;
  name: string;
  sheet: PriceSheet;
}
export interface PublicPrices {
  currency: string;
  /** By what they cost a month, the least first. */
  plans: PublicPlan[];
}

/** By currency; empty where no public plan has prices that hold today. */
export async function publicPrices(now = new Date()): Promise<PublicPrices[]> {
  const [open, sheets] = await forPlatform(async (tx) => [
    await tx.select().from(plans).where(eq(plans.isPublic, true)).orderBy(plans.name),
    await tx.select().from(priceSheets).orderBy(desc(priceSheets.effectiveFrom), asc(priceSheets.currency)),
  ]);
  const byCurrency = new Map<string, PublicPlan[]>();
  for (const { id, name } of open)
    for (const { currency, sheet } of sheetsInForce(
      sheets.filter(({ planId }) => planId === id),
      now,
    ))
      byCurrency.set(currency, [...(byCurrency.get(currency) ?? []), { id, name, sheet }]);
  return [...byCurrency]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, found]) => ({
      currency,
      plans: found.sort((a, b) => byBase(a.sheet, b.sheet)),
    }));
}

function byBase(a: PriceSheet, b: PriceSheet): number {
  const [one, other] = [price(a.base), price(b.base)];
  const difference = one.numerator * other.denominator - other.numerator * one.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
