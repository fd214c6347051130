import { eq } from "drizzle-orm";
import { signatures } from "@/db/schema/projects";
import { forTenant } from "@/db/tenant";
import { findProfile } from "./billing-profiles";
import { pdfResponse } from "./download";
import { fail } from "./errors";
import type { Side } from "./projects";
import { quotePdf } from "./quote-pdf";
import { findQuote } from "./quotes";

/** A quote as a download, in the customer's language; a draft is for staff alone. */
export async function quoteFile(tenantId: string, id: string, side: Side): Promise<Response> {
  const { quote, signature, locale } = await forTenant(tenantId, async (tx) => ({
    quote: await findQuote(tx, id),
    signature: (await tx.one(signatures, eq(signatures.quoteId, id))) ?? null,
    locale: (await findProfile(tx))?.locale ?? "en",
  }));
  const { document } = quote;
  if (!document || (side === "customer" && quote.sentAt === null)) return fail("not_found");
  return pdfResponse(await quotePdf({ ...quote, document }, signature, locale), `quote-${quote.version}.pdf`);
}
