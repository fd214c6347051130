import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { legalEntities, numberSeries } from "@/db/schema/seller";
import { forPlatform, type Transaction } from "@/db/tenant";
import { fail } from "./errors";
import { compactIban, isIban } from "./iban";
import { createId } from "./id";
import { log } from "./log";
import { addressSchema, countryField } from "./price-sheet";

/** The legal entity that sells, once: what stands on every document, how it is numbered and taxed. */

const SERIES = { invoice: "INV-", credit_note: "CN-", quote: "Q-" } as const;
type Series = keyof typeof SERIES;

const isTimeZone = (name: string) => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
};
const RATE = "must be from 0 to 10000 hundredths of a percent: 19 % is 1900";
const rateField = z.number(RATE).int(RATE).min(0, RATE).max(10_000, RATE);
/** A digit at its end would run into the number, and two series could meet. */
const prefixField = z
  .string()
  .regex(/^([A-Z0-9/-]{0,11}[A-Z/-])?$/, "must be of capitals, digits, - and /, and not end in a digit");

export const sellerSchema = z.object({
  name: z.string().trim().min(1).max(120),
  address: addressSchema,
  country: countryField,
  taxId: z.string().trim().min(1).max(40),
  iban: z
    .string()
    .max(60)
    .transform(compactIban)
    .refine(isIban, "has a mistyped digit: its checksum does not hold"),
  email: z.email(),
  timeZone: z.string().refine(isTimeZone, "must be a time zone such as Europe/Berlin"),
  taxRates: z
    .record(z.string(), rateField)
    // Nothing is taxed by a rate that nobody named.
    .refine((rates) => rates.standard !== undefined, { path: ["standard"], message: RATE }),
  termsVersion: z.string().trim().min(1).max(40),
  /** Of the numbers of documents; what is left out stays as it is. */
  prefixes: z
    .object({ invoice: prefixField, credit_note: prefixField })
    .refine((own) => own.invoice !== own.credit_note, {
      path: ["credit_note"],
      message: "must be another one than that of invoices",
    })
    .optional(),
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
  fail("invalid_request", "Fill in who sells first: an operator does it under Operations, Seller.");

export async function saveSeller(input: SellerInput, by: string): Promise<LegalEntity> {
  const { prefixes, ...values } = sellerSchema.parse(input);
  const saved = await forPlatform(async (tx) => {
    // Two who fill in the checklist at once must not make two sellers.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('graft.seller'))`);
    const seller = await changedOrMade(tx, values);
    await setPrefixes(tx, seller.id, prefixes ?? {});
    return seller;
  });
  log().info({ by, seller: saved.name, termsVersion: saved.termsVersion }, "seller changed");
  return saved;
}

/** A series goes on counting under its new prefix. */
export async function setPrefixes(
  tx: Transaction,
  legalEntityId: string,
  prefixes: Partial<Record<Series, string>>,
): Promise<void> {
  for (const [kind, prefix] of Object.entries(prefixes) as [Series, string][])
    await tx
      .update(numberSeries)
      .set({ prefix })
      .where(and(eq(numberSeries.legalEntityId, legalEntityId), eq(numberSeries.kind, kind)));
}

async function changedOrMade(tx: Transaction, values: Omit<SellerInput, "prefixes">): Promise<LegalEntity> {
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
  const series = Object.entries(SERIES) as [Series, string][];
  await tx
    .insert(numberSeries)
    .values(series.map(([kind, prefix]) => ({ legalEntityId: made.id, kind, prefix })));
  return made;
}

/** What the next document of each kind that is numbered would be called. */
export const nextNumbers = () => forPlatform(numbersIn);

export async function numbersIn(tx: Transaction): Promise<{ kind: Series; prefix: string; next: string }[]> {
  const rows = await tx
    .select()
    .from(numberSeries)
    .where(inArray(numberSeries.kind, ["invoice", "credit_note"]));
  return rows
    .sort((a, b) => b.kind.localeCompare(a.kind))
    .map(({ kind, prefix, nextNo }) => ({ kind, prefix, next: prefix + String(nextNo).padStart(6, "0") }));
}
