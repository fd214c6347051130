import { asc, desc, eq, type SQL, sql } from "drizzle-orm";
import { invoiceLines, invoices } from "@/db/schema/billing";
import { forTenant, type TenantTx } from "@/db/tenant";
import { buyerOf, type Profile } from "./billing-profiles";
import { type Line, sumUp } from "./documents";
import { fail } from "./errors";
import { createId } from "./id";
import { mover } from "./moves";
import type { LegalEntity } from "./seller";

/** An invoice from draft to paid. What was issued does not change: a credit note corrects it. */

export type Invoice = typeof invoices.$inferSelect;
export type InvoiceState = Invoice["state"];

export const INVOICE_MOVES = {
  draft: ["issued", "paid", "discarded"],
  issued: ["part_paid", "paid", "uncollectible"],
  part_paid: ["paid", "issued", "uncollectible"],
  /** Money that came back. */
  paid: ["part_paid", "issued"],
  uncollectible: ["part_paid", "paid"],
  discarded: [],
} as const satisfies Record<InvoiceState, readonly InvoiceState[]>;

export const moveInvoice = mover(invoices, "An invoice", INVOICE_MOVES);

interface Draft {
  seller: LegalEntity;
  profile: Profile;
  lines: readonly Line[];
  /** The run's month; null for an invoice of its own. */
  month: string | null;
}

export async function draftInvoice(tx: TenantTx, { seller, profile, lines, month }: Draft): Promise<Invoice> {
  const { name, address, country, taxId, iban, email, termsVersion } = seller;
  const [invoice] = await tx.insert(invoices, {
    id: createId("invoice"),
    legalEntityId: seller.id,
    month,
    state: "draft",
    currency: profile.currency,
    seller: { name, address, country, taxId, iban, email, termsVersion },
    buyer: buyerOf(profile),
    ...sumUp(lines),
  });
  if (!invoice) throw new Error("the invoice was not stored");
  await tx.insert(
    invoiceLines,
    lines.map((line, place) => ({ ...line, invoiceId: invoice.id, place })),
  );
  return invoice;
}

/** Gives a draft its number, the next one of the series, in the open transaction; what is not owed is paid at once. */
export async function issueInvoice(
  tx: TenantTx,
  invoice: Invoice,
  { seller, termsDays, now }: { seller: LegalEntity; termsDays: number; now: Date },
): Promise<Invoice> {
  return moveInvoice(tx, invoice.id, invoice.totalMinor > 0n ? "issued" : "paid", {
    number: await nextNumber(tx, seller.id, "invoice"),
    issuedAt: now,
    dueOn: dayIn(seller.timeZone, now, termsDays),
    heldBecause: null,
  });
}

/** The next number of a series, whose row is locked until the transaction ends: one that fails leaves no gap. */
export async function nextNumber(
  tx: TenantTx,
  legalEntityId: string,
  kind: "invoice" | "credit_note",
): Promise<string> {
  const [series] = await tx.query<{ number: string }>(sql`
    update number_series set next_no = next_no + 1 where legal_entity_id = ${legalEntityId} and kind = ${kind}
    returning prefix || lpad((next_no - 1)::text, 6, '0') as number`);
  return series?.number ?? fail("not_found");
}

/** `2026-01-31`: the day of an instant in a zone, so many days later. */
export function dayIn(timeZone: string, at: Date, later: number): string {
  // Swedish dates are written as ISO 8601 has them.
  const today = new Intl.DateTimeFormat("sv-SE", { timeZone }).format(at);
  return new Date(Date.parse(`${today}T00:00:00Z`) + later * 86_400_000).toISOString().slice(0, 10);
}

export const listInvoices = (tx: TenantTx): Promise<Invoice[]> =>
  tx.select(invoices, undefined, { orderBy: desc(invoices.createdAt) });

export const readInvoices = (tenantId: string): Promise<Invoice[]> => forTenant(tenantId, listInvoices);

export const linesOfInvoice = (tx: TenantTx, id: string) =>
  tx.select(invoiceLines, eq(invoiceLines.invoiceId, id), { orderBy: asc(invoiceLines.place) });

/** What some lines `l` of invoices that count come to. */
export async function billedMinor(tx: TenantTx, which: SQL): Promise<bigint> {
  const [sum] = await tx.query<{ sum: string }>(sql`
    select coalesce(sum(l.amount_minor), 0)::text as sum from invoice_lines l join invoices i
      on i.tenant_id = l.tenant_id and i.id = l.invoice_id
    where l.tenant_id = ${tx.tenantId} and i.state <> 'discarded' and ${which}`);
  return BigInt(sum?.sum ?? 0);
}
