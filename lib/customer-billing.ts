import { desc, eq, sql } from "drizzle-orm";
import { creditNotes, invoices } from "@/db/schema/billing";
import { forTenant } from "@/db/tenant";
import { fail } from "./errors";
import { linesOfInvoice, listInvoices } from "./invoices";
import { isPrice, minorDigits, price, toMinor } from "./money";
import { balanceMinor } from "./settlements";

/** What a customer owes, was credited and has paid in advance, for the customer's page and the desk's. */

export const customerBilling = (tenantId: string) =>
  forTenant(tenantId, async (tx) => {
    const all = (await listInvoices(tx)).filter(({ state }) => state !== "discarded");
    const owed = all.filter(({ state }) => ["issued", "part_paid", "uncollectible"].includes(state));
    const [first] = all;
    return {
      invoices: all,
      currency: first?.currency ?? null,
      owedMinor: owed.reduce((sum, { totalMinor, settledMinor }) => sum + totalMinor - settledMinor, 0n),
      balanceMinor: await balanceMinor(tx),
      creditNotes: await tx.select(creditNotes, undefined, { orderBy: desc(creditNotes.issuedAt) }),
    };
  });
export type CustomerBilling = Awaited<ReturnType<typeof customerBilling>>;

/** An invoice with its lines, each with what may still be credited. */
export const invoiceView = (tenantId: string, id: string) =>
  forTenant(tenantId, async (tx) => {
    const invoice = (await tx.one(invoices, eq(invoices.id, id))) ?? fail("not_found");
    const credited = await tx.query<{ key: string; sum: string }>(sql`
      select l.key, sum(l.amount_minor)::text as sum from credit_note_lines l join credit_notes n
        on n.tenant_id = l.tenant_id and n.id = l.credit_note_id
      where l.tenant_id = ${tx.tenantId} and n.invoice_id = ${id} group by 1`);
    const of = (key: string) => BigInt(credited.find((one) => one.key === key)?.sum ?? 0);
    const lines = (await linesOfInvoice(tx, id)).map((line) => ({
      ...line,
      leftMinor: line.amountMinor - of(line.key),
    }));
    return { invoice, lines };
  });

/** `12.50` of a currency in its minor units; a figure that is finer than the currency is refused, not rounded. */
export function minorOf(amount: string, currency: string, param: string): bigint {
  const places = amount.split(".")[1]?.length ?? 0;
  if (!isPrice(amount) || places > minorDigits(currency))
    fail("invalid_request", `\`${param}\`: this is no amount in ${currency}.`, param);
  return toMinor(price(amount), currency);
}
