import { asc, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { legalEntities, numberSeries } from "@/db/schema/seller";
import { forPlatform } from "@/db/tenant";
import { fail } from "./errors";
import { createId } from "./id";
import { addressSchema } from "./price-sheet";

/** The legal entity that sells, once: what stands on every document, how it is numbered and taxed. */

const SERIES = { invoice: "INV-", credit_note: "CN-", quote: "Q-" } as const;
const isTimeZone = (name: string) => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
};
export const sellerSchema = z.object({
  name: z.string().trim().min(1).max(120),
  address: addressSchema,
  country: z.string().regex(/^[A-Z]{2}$/),
  taxId: z.string().trim().min(1).max(40),
  iban: z.string().trim().min(5).max(42),
  email: z.email(),
  timeZone: z.string().refine(isTimeZone, "must be a time zone such as Europe/Berlin"),
  taxRates: z.record(z.string(), z.number().int().min(0).max(10_000)),
  termsVersion: z.string().trim().min(1).max(40),
});
type SellerInput = z.infer<typeof sellerSchema>;
export type LegalEntity = typeof legalEntities.$inferSelect;

/** Null until the first-run checklist was filled in: nothing is issued before. */
export const findSeller = async (): Promise<LegalEntity | null> =>
  (
    await forPlatform((tx) => tx.select().from(legalEntities).orderBy(asc(legalEntities.createdAt)).limit(1))
  )[0] ?? null;

export const neededSeller = async (): Promise<LegalEntity> =>
  (await findSeller()) ??
  fail("invalid_request", "Fill in who sells first: the letterhead of every document.");

export async function saveSeller(input: SellerInput): Promise<LegalEntity> {
  const values = sellerSchema.parse(input);
  return forPlatform(async (tx) => {
    // Two who fill in the checklist at once must not make two sellers.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('graft.seller'))`);
    const [known] = await tx.select().from(legalEntities).limit(1);
    if (known) {
      const [changed] = await tx
        .update(legalEntities)
        .set(values)
        .where(eq(legalEntities.id, known.id))
        .returning();
      return changed ?? known;
    }
    const [made] = await tx
      .insert(legalEntities)
      .values({ id: createId("seller"), ...values })
      .returning();
    if (!made) throw new Error("the legal entity was not stored");
    const series = Object.entries(SERIES) as [keyof typeof SERIES, string][];
    await tx
      .insert(numberSeries)
      .values(series.map(([kind, prefix]) => ({ legalEntityId: made.id, kind, prefix })));
    return made;
  });
}
