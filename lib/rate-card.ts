import { and, desc, eq, lte } from "drizzle-orm";
import { z } from "zod";
import { rateCard } from "@/db/schema/margin";
import { forPlatform } from "@/db/tenant";
import { fail } from "./errors";
import { isCurrency } from "./money";
import { priceField } from "./prices";

/** What an hour of people and of machines, and a row that is labelled, is sold for and costs, by the day from which it holds. */

export const rateSchema = z.object({
  code: z.enum(["hour", "compute_hour", "labelled_row"]),
  currency: z.string().refine(isCurrency, "is no currency"),
  unitDecimal: priceField,
  costDecimal: priceField,
  validFrom: z.iso.date(),
});
export type Rate = z.infer<typeof rateSchema>;

/** A rate that holds already is never changed: there may be work that was counted by it. */
export async function addRate(rate: Rate): Promise<Rate> {
  const [added] = await forPlatform((tx) =>
    tx.insert(rateCard).values(rateSchema.parse(rate)).onConflictDoNothing().returning(),
  );
  return added
    ? rate
    : fail("already_exists", `There is a rate from ${rate.validFrom} on; choose a later day.`);
}

/** The rate of a day, or null where nobody set one. */
export async function rateOn(code: Rate["code"], currency: string, day: string) {
  const holds = and(eq(rateCard.code, code), eq(rateCard.currency, currency), lte(rateCard.validFrom, day));
  const [rate] = await forPlatform((tx) =>
    tx.select().from(rateCard).where(holds).orderBy(desc(rateCard.validFrom)).limit(1),
  );
  return rate ?? null;
}

/** What work that follows from a sample is sold for today; null where nobody set a price. */
export async function cardPrices(currency: string, now = new Date()) {
  const priceOf = async (code: Rate["code"]) => {
    const rate = await rateOn(code, currency, now.toISOString().slice(0, 10));
    return rate && { unitDecimal: rate.unitDecimal, validFrom: rate.validFrom };
  };
  return { compute: await priceOf("compute_hour"), labelling: await priceOf("labelled_row") };
}
