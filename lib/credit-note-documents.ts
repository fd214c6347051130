import { and, eq, isNull, type SQL } from "drizzle-orm";
import { creditNoteLines, creditNotes, invoices } from "@/db/schema/billing";
import { forTenant } from "@/db/tenant";
import { creditNotePdf } from "./document-pdf";
import { fail } from "./errors";
import { linesOfInvoice } from "./invoices";
import { keptPdf } from "./kept-pdf";
import { creditNoteKey } from "./storage";

/** A credit note as a file: what it takes back of which lines of its invoice. */

export async function creditNoteAsPdf(
  tenantId: string,
  id: string,
): Promise<{ name: string; bytes: Buffer }> {
  const { note, invoice, lines } = await find(tenantId, id);
  const isUnkept = and(eq(creditNotes.id, id), isNull(creditNotes.pdfSha256)) as SQL;
  const bytes = await keptPdf({
    key: creditNoteKey(tenantId, id),
    hash: note.pdfSha256,
    make: () => creditNotePdf(note, invoice, lines),
    remember: (pdfSha256) => forTenant(tenantId, (tx) => tx.update(creditNotes, { pdfSha256 }, isUnkept)),
  });
  return { name: `${note.number.replaceAll(/[^\w-]/g, "-")}.pdf`, bytes };
}

const find = (tenantId: string, id: string) =>
  forTenant(tenantId, async (tx) => {
    const note = (await tx.one(creditNotes, eq(creditNotes.id, id))) ?? fail("not_found");
    const invoice = (await tx.one(invoices, eq(invoices.id, note.invoiceId))) ?? fail("not_found");
    const credited = await tx.select(creditNoteLines, eq(creditNoteLines.creditNoteId, id));
    // In the order and in the words of the invoice.
    const lines = (await linesOfInvoice(tx, invoice.id)).flatMap(({ key, text }) => {
      const line = credited.find((one) => one.key === key);
      return line ? [{ text, amountMinor: line.amountMinor }] : [];
    });
    return { note, invoice, lines };
  });
