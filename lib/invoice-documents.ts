import { and, eq, isNull, type SQL } from "drizzle-orm";
import { invoices } from "@/db/schema/billing";
import { forTenant } from "@/db/tenant";
import { invoicePdf } from "./document-pdf";
import { wordsOf } from "./document-words";
import { fail } from "./errors";
import { type Invoice, linesOfInvoice } from "./invoices";
import { keptPdf } from "./kept-pdf";
import { decimalOf } from "./money";
import { invoiceKey } from "./storage";

/** An invoice as files. */

async function find(tenantId: string, id: string) {
  return forTenant(tenantId, async (tx) => {
    const invoice = await tx.one(invoices, eq(invoices.id, id));
    return invoice ? { invoice, lines: await linesOfInvoice(tx, id) } : fail("not_found");
  });
}

export async function invoiceAsPdf(tenantId: string, id: string): Promise<{ name: string; bytes: Buffer }> {
  const { invoice, lines } = await find(tenantId, id);
  const name = `${nameOf(invoice)}.pdf`;
  const make = () => invoicePdf(invoice, lines);
  // A draft still changes.
  if (!invoice.number) return { name, bytes: await make() };
  const isUnkept = and(eq(invoices.id, id), isNull(invoices.pdfSha256)) as SQL;
  const bytes = await keptPdf({
    key: invoiceKey(tenantId, id),
    hash: invoice.pdfSha256,
    make,
    remember: (pdfSha256) => forTenant(tenantId, (tx) => tx.update(invoices, { pdfSha256 }, isUnkept)),
  });
  return { name, bytes };
}

const nameOf = ({ number, id }: Invoice) => (number ?? id).replaceAll(/[^\w-]/g, "-");

/** A line of the invoice a line, and what it was computed from. */
export async function invoiceAsCsv(tenantId: string, id: string): Promise<{ name: string; text: string }> {
  const { invoice, lines } = await find(tenantId, id);
  const { csvLine } = await import("./ml/data/csv-write");
  const words = wordsOf(invoice.buyer.locale);
  const rows = lines.map((line) => [
    line.key,
    words.line(line.text),
    line.quantity.toString(),
    line.unitDecimal,
    decimalOf(line.amountMinor, invoice.currency),
    invoice.currency,
    line.taxCode,
    decimalOf(BigInt(line.rateBp), "EUR"),
  ]);
  const head = ["key", "description", "quantity", "unit_price", "amount", "currency", "tax", "tax_percent"];
  return { name: `${nameOf(invoice)}.csv`, text: [head, ...rows].map(csvLine).join("") };
}
