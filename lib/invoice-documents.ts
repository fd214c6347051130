import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { and, eq, isNull, type SQL } from "drizzle-orm";
import { invoices } from "@/db/schema/billing";
import { forTenant } from "@/db/tenant";
import { invoicePdf } from "./document-pdf";
import { wordsOf } from "./document-words";
import { env } from "./env";
import { fail } from "./errors";
import { createId } from "./id";
import { type Invoice, linesOfInvoice } from "./invoices";
import { decimalOf } from "./money";
import { invoiceKey, readBlob, storeFile } from "./storage";

/** An invoice as files. The PDF of an issued one is made once and kept: later readers get the very same bytes. */

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function find(tenantId: string, id: string) {
  return forTenant(tenantId, async (tx) => {
    const invoice = await tx.one(invoices, eq(invoices.id, id));
    return invoice ? { invoice, lines: await linesOfInvoice(tx, id) } : fail("not_found");
  });
}

export async function invoiceAsPdf(tenantId: string, id: string): Promise<{ name: string; bytes: Buffer }> {
  const { invoice, lines } = await find(tenantId, id);
  const name = `${nameOf(invoice)}.pdf`;
  if (invoice.pdfSha256) return { name, bytes: await keptPdf(tenantId, id, invoice.pdfSha256) };
  const bytes = await invoicePdf(invoice, lines);
  if (invoice.number) await keepPdf(tenantId, id, bytes);
  return { name, bytes };
}

async function keptPdf(tenantId: string, id: string, hash: string): Promise<Buffer> {
  const bytes = await buffer(await readBlob(invoiceKey(tenantId, id)));
  if (sha256(bytes) !== hash) throw new Error(`the stored PDF of ${id} is not the one that was made`);
  return bytes;
}

/** Bytes first, then their hash: whoever reads the hash finds the file. Two at once write the same. */
async function keepPdf(tenantId: string, id: string, bytes: Buffer): Promise<void> {
  const path = join(env().home, "incoming", `${createId("invoice")}.pdf`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  await storeFile(invoiceKey(tenantId, id), path);
  await forTenant(tenantId, (tx) =>
    tx.update(
      invoices,
      { pdfSha256: sha256(bytes) },
      and(eq(invoices.id, id), isNull(invoices.pdfSha256)) as SQL,
    ),
  );
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
