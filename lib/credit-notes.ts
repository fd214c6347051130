import { eq, sql } from "drizzle-orm";
import { creditNoteLines, creditNotes, invoices } from "@/db/schema/billing";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { takeBack } from "./credits";
import { mailCreditNote } from "./document-mails";
import { type Line, sumUp, type TaxSum } from "./documents";
import { fail } from "./errors";
import { createId } from "./id";
import { type Invoice, linesOfInvoice, nextNumber } from "./invoices";
import { least } from "./money";
import { settleWith } from "./settlements";
import { lockBilling } from "./subscriptions";

/** What corrects an invoice that was issued: line by line, in parts, never more than the line. */

export type CreditNote = typeof creditNotes.$inferSelect;
interface CreditedLine {
  /** Of the invoice's line. */
  key: string;
  amountMinor: bigint;
}

export async function issueCreditNote(
  tenantId: string,
  invoiceId: string,
  { lines, reason }: { lines: readonly CreditedLine[]; reason: string },
  by: string,
  now = new Date(),
): Promise<CreditNote> {
  return forTenant(tenantId, async (tx) => {
    await lockBilling(tx);
    const invoice = await tx.one(invoices, eq(invoices.id, invoiceId));
    if (!invoice) return fail("not_found");
    if (!invoice.number) fail("invalid_request", "A draft is discarded, not credited.", "invoice");
    const credited = await creditedLines(tx, invoice, lines);
    const before = await notesOf(tx, invoiceId);
    const sums = withExactTax(sumUp(credited.lines), invoice, before, credited.isWhole);
    const { currency, seller, buyer, legalEntityId } = invoice;
    const [note] = await tx.insert(creditNotes, {
      id: createId("creditNote"),
      ...{ invoiceId, currency, seller, buyer, reason, ...sums },
      number: await nextNumber(tx, legalEntityId, "credit_note"),
      createdBy: by,
      issuedAt: now,
    });
    if (!note) throw new Error("the credit note was not stored");
    await tx.insert(
      creditNoteLines,
      credited.lines.map((line) => ({ ...line, creditNoteId: note.id })),
    );
    await takeBack(tx, invoiceId, sums.netMinor);
    await settleWith(tx, { creditNoteId: note.id, leftMinor: note.totalMinor }, [invoice]);
    await mailCreditNote(tx, note);
    await writeAudit(tx, by, "credit_note.issued", note.id, {
      invoice: invoice.number,
      total: String(note.totalMinor),
    });
    return note;
  });
}

export const notesOf = (tx: TenantTx, invoiceId: string): Promise<CreditNote[]> =>
  tx.select(creditNotes, eq(creditNotes.invoiceId, invoiceId));

/** What was credited of an invoice until now, by the key of its line. */
export async function creditedByLine(tx: TenantTx, invoiceId: string): Promise<Map<string, bigint>> {
  const sums = await tx.query<{ key: string; sum: string }>(sql`
    select l.key, sum(l.amount_minor)::text as sum from credit_note_lines l join credit_notes n
      on n.tenant_id = l.tenant_id and n.id = l.credit_note_id
    where l.tenant_id = ${tx.tenantId} and n.invoice_id = ${invoiceId} group by 1`);
  return new Map(sums.map(({ key, sum }) => [key, BigInt(sum)]));
}

async function creditedLines(tx: TenantTx, invoice: Invoice, wanted: readonly CreditedLine[]) {
  if (wanted.length === 0) fail("invalid_request", "Name at least one line of the invoice.", "lines");
  const before = await creditedByLine(tx, invoice.id);
  const billed = await linesOfInvoice(tx, invoice.id);
  const lines = wanted.map(({ key, amountMinor }) => {
    const line = billed.find((one) => one.key === key);
    if (!line) return fail("invalid_request", `The invoice has no line ${key}.`, "lines");
    const left = line.amountMinor - (before.get(key) ?? 0n);
    if (amountMinor <= 0n || amountMinor > left)
      fail("invalid_request", `Of the line ${key} there is ${left} left to credit.`, "lines");
    return { key, amountMinor, taxCode: line.taxCode, rateBp: line.rateBp };
  });
  if (new Set(lines.map(({ key }) => key)).size < lines.length)
    fail("invalid_request", "A line is named twice.", "lines");
  /** What is left of a rate: its lines together, for a line that takes something off makes the others cost less. */
  const leftOf = (code: string, rateBp: number) => {
    const of = (some: readonly Pick<Line, "amountMinor" | "taxCode" | "rateBp">[]) =>
      some.reduce(
        (sum, line) => (line.taxCode === code && line.rateBp === rateBp ? sum + line.amountMinor : sum),
        0n,
      );
    const credited = billed.map((line) => ({ ...line, amountMinor: before.get(line.key) ?? 0n }));
    return of(billed) - of(credited) - of(lines);
  };
  if (lines.some(({ taxCode, rateBp }) => leftOf(taxCode, rateBp) < 0n))
    fail("invalid_request", "All lines of a tax rate together come to less than that; credit less.", "lines");
  return { lines, isWhole: (code: string, rateBp: number) => leftOf(code, rateBp) === 0n };
}

/** Taxes of parts are rounded each; the last part takes what is left, so all together are the invoice's. */
function withExactTax(
  sums: ReturnType<typeof sumUp>,
  invoice: Invoice,
  before: readonly CreditNote[],
  isWhole: (code: string, rateBp: number) => boolean,
) {
  const same = (a: TaxSum) => (b: TaxSum) => a.code === b.code && a.rateBp === b.rateBp;
  const taxes = sums.taxes.map((tax) => {
    const all = BigInt(invoice.taxes.find(same(tax))?.taxMinor ?? 0);
    const left = before
      .flatMap((note) => note.taxes.filter(same(tax)))
      .reduce((rest, { taxMinor }) => rest - BigInt(taxMinor), all);
    const own = BigInt(tax.taxMinor);
    return { ...tax, taxMinor: String(isWhole(tax.code, tax.rateBp) ? left : least(own, left)) };
  });
  const taxMinor = taxes.reduce((sum, tax) => sum + BigInt(tax.taxMinor), 0n);
  return { netMinor: sums.netMinor, taxMinor, totalMinor: sums.netMinor + taxMinor, taxes };
}
