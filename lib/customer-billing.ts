import { desc, eq, sql } from "drizzle-orm";
import { creditNotes, invoices } from "@/db/schema/billing";
import { forTenant } from "@/db/tenant";
import { readProfile } from "./billing-profiles";
import { creditedByLine } from "./credit-notes";
import { creditViews } from "./credits";
import { fail } from "./errors";
import { creditsByInvoice, NO_CREDIT, standingOf } from "./invoice-standing";
import { type Invoice, linesOfInvoice, listInvoices } from "./invoices";
import { isPrice, minorDigits, price, toMinor } from "./money";
import { reversalsOf } from "./payments";
import { balanceMinor, isOwed, openMinor, owedInvoices } from "./settlements";

/** What a customer owes, was credited and has paid in advance, for the customer's page and the desk's. */

export const customerBilling = (tenantId: string) =>
  forTenant(tenantId, async (tx) => {
    const all = (await listInvoices(tx)).filter(({ state }) => state !== "discarded");
    const owed = await owedInvoices(tx);
    const credits = await creditsByInvoice(tx);
    const [first] = all;
    return {
      invoices: all.map((invoice) => shown(invoice, credits)),
      currency: first?.currency ?? null,
      owed,
      owedMinor: owed.reduce((sum, invoice) => sum + openMinor(invoice), 0n),
      balanceMinor: await balanceMinor(tx),
      prepaid: await creditViews(tx),
      reversals: await reversalsOf(tx),
      creditNotes: await tx.select(creditNotes, undefined, { orderBy: desc(creditNotes.issuedAt) }),
    };
  });
export type CustomerBilling = Awaited<ReturnType<typeof customerBilling>>;

/** An invoice with how it stands, in words and in what is open of it. */
const shown = (invoice: Invoice, credits: Awaited<ReturnType<typeof creditsByInvoice>>) => ({
  ...invoice,
  standing: standingOf(invoice, credits.get(invoice.id) ?? NO_CREDIT),
  openMinor: isOwed(invoice) ? openMinor(invoice) : 0n,
});

/** An invoice with its lines, each with what may still be credited. */
export const invoiceView = (tenantId: string, id: string) =>
  forTenant(tenantId, async (tx) => {
    const invoice = (await tx.one(invoices, eq(invoices.id, id))) ?? fail("not_found");
    const credited = await creditedByLine(tx, id);
    const lines = (await linesOfInvoice(tx, id)).map((line) => ({
      ...line,
      leftMinor: line.amountMinor - (credited.get(line.key) ?? 0n),
    }));
    return { invoice: shown(invoice, await creditsByInvoice(tx, sql`n.invoice_id = ${id}`)), lines };
  });

/** `12.50` of a currency in its minor units; a figure that is finer than the currency is refused, not rounded. */
export function minorOf(amount: string, currency: string, param: string): bigint {
  const places = amount.split(".")[1]?.length ?? 0;
  if (!isPrice(amount) || places > minorDigits(currency))
    fail("invalid_request", `\`${param}\`: this is no amount in ${currency}.`, param);
  return toMinor(price(amount), currency);
}

/** What was typed, in the currency that a customer is billed in. */
export async function billedAmount(tenantId: string, amount: string) {
  const { currency } =
    (await readProfile(tenantId)) ?? fail("state_conflict", "There is no billing profile.");
  return { currency, amountMinor: minorOf(amount, currency, "amount") };
}
