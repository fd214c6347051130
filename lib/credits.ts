import { asc, eq, inArray, type SQL, sql } from "drizzle-orm";
import { creditNotes, credits, creditUses } from "@/db/schema/billing";
import type { TenantTx } from "@/db/tenant";
import type { Line } from "./documents";
import { fail } from "./errors";
import { createId } from "./id";
import { least } from "./money";

/**
 * Credits: amounts before tax that lessen what months cost, as lines of their invoices. A granted one is a discount. A
 * bought one was taxed when it was sold, so what it pays for later is not taxed again: it lessens the sum that tax is of.
 */
export type Credit = typeof credits.$inferSelect;
type CreditUse = typeof creditUses.$inferSelect;
type Left = Pick<Credit, "id" | "kind" | "reason"> & { leftMinor: bigint };

/** Those that lessen a month, in the order of their use: what ends first, then what is oldest. */
async function usable(
  tx: TenantTx,
  { month, now, currency }: { month: string; now: Date; currency: string },
) {
  const where = sql`currency = ${currency} and live_at <= ${now.toISOString()}
    and (through_month is null or through_month >= ${month})`;
  const found = await tx.select(credits, where, {
    orderBy: sql`through_month nulls last, live_at, id`,
  });
  const used = await usedOf(tx);
  return found.map(({ id, kind, reason, amountMinor }): Left => {
    return { id, kind, reason, leftMinor: amountMinor - (used.get(id) ?? 0n) };
  });
}

async function usedOf(tx: TenantTx): Promise<Map<string, bigint>> {
  const sums = await tx.query<{ id: string; sum: string }>(sql`
    select credit_id as id, sum(amount_minor)::text as sum from credit_uses where tenant_id = ${tx.tenantId} group by 1`);
  return new Map(sums.map(({ id, sum }) => [id, BigInt(sum)]));
}

/** What each credit pays of a sum, until nothing of it is left. Pure. */
export function spread(left: readonly Left[], sumMinor: bigint): { credit: Left; amountMinor: bigint }[] {
  let open = sumMinor;
  return left.flatMap((credit) => {
    const amountMinor = least(credit.leftMinor, open);
    if (amountMinor <= 0n) return [];
    open -= amountMinor;
    return [{ credit, amountMinor }];
  });
}

interface Month {
  month: string;
  now: Date;
  currency: string;
  tax: Pick<Line, "taxCode" | "rateBp">;
}

/** What credits take off a month's lines; under the lock of billing, so that nobody else uses them meanwhile. */
export async function creditLines(tx: TenantTx, lines: readonly Line[], of: Month): Promise<Line[]> {
  const sumMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  return spread(await usable(tx, of), sumMinor).map(({ credit: { id, reason }, amountMinor }) => ({
    key: `${KEY}${id}`,
    text: { is: "credit", values: { reason } },
    quantity: 1n,
    unitDecimal: "",
    amountMinor: -amountMinor,
    ...of.tax,
  }));
}
const KEY = "credit/";

/** The uses that an invoice's lines say. */
export async function noteUses(tx: TenantTx, invoiceId: string, lines: readonly Line[]): Promise<void> {
  const uses = lines.filter(({ text }) => text.is === "credit");
  if (uses.length === 0) return;
  await tx.insert(
    creditUses,
    uses.map(({ key, amountMinor }) => {
      const creditId = key.slice(KEY.length);
      return { id: createId("creditUse"), creditId, invoiceId, amountMinor: -amountMinor };
    }),
  );
}

/** Of a draft that is thrown away. */
export const giveUsesBack = (tx: TenantTx, invoiceId: string) =>
  tx.remove(creditUses, eq(creditUses.invoiceId, invoiceId));

/** When an invoice is paid, what it sold counts from then on; one that was taken back by a credit note sold nothing. */
export async function makeLive(tx: TenantTx, invoiceId: string, now = new Date()): Promise<void> {
  const takenBack = await tx.select(creditNotes, eq(creditNotes.invoiceId, invoiceId), { limit: 1 });
  if (takenBack.length === 0)
    await tx.update(credits, { liveAt: now }, sql`invoice_id = ${invoiceId} and live_at is null`);
}

/** A credit note on what sold a credit takes that much of it away; what was used cannot be. */
export async function takeBack(tx: TenantTx, invoiceId: string, amountMinor: bigint): Promise<void> {
  const sold = await tx.one(credits, eq(credits.invoiceId, invoiceId));
  if (!sold) return;
  const left = sold.amountMinor - ((await usedOf(tx)).get(sold.id) ?? 0n);
  if (amountMinor > left)
    fail("state_conflict", `Of this credit there is ${left} left to take back; the rest was used.`, "lines");
  await tx.update(credits, { amountMinor: sold.amountMinor - amountMinor }, eq(credits.id, sold.id));
}

export interface CreditView extends Credit {
  leftMinor: bigint;
  uses: (CreditUse & { number: string | null; month: string | null })[];
}

/** Every credit with what is left of it and which invoices used it. */
export async function creditViews(tx: TenantTx): Promise<CreditView[]> {
  const all = await tx.select(credits, undefined, { orderBy: asc(credits.createdAt) });
  if (all.length === 0) return [];
  const where = inArray(
    creditUses.creditId,
    all.map(({ id }) => id),
  ) as SQL;
  const uses = await tx.select(creditUses, where, { orderBy: asc(creditUses.createdAt) });
  const of = await tx.query<{ id: string; number: string | null; month: string | null }>(sql`
    select distinct i.id, i.number, i.month from credit_uses u join invoices i
      on i.tenant_id = u.tenant_id and i.id = u.invoice_id where u.tenant_id = ${tx.tenantId}`);
  const invoiceOf = new Map(of.map((one) => [one.id, one]));
  return all.map((credit) => {
    const own = uses
      .filter(({ creditId }) => creditId === credit.id)
      .map((use) => {
        const { number = null, month = null } = invoiceOf.get(use.invoiceId) ?? {};
        return { ...use, number, month };
      });
    const leftMinor = own.reduce((left, use) => left - use.amountMinor, credit.amountMinor);
    return { ...credit, leftMinor, uses: own };
  });
}
