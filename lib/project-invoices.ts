import { and, asc, eq, type SQL, sql } from "drizzle-orm";
import { quoteLines, type quotes, remedies } from "@/db/schema/projects";
import type { TenantTx } from "@/db/tenant";
import { findProfile, taxOf } from "./billing-profiles";
import type { Line } from "./documents";
import { fail } from "./errors";
import { billedMinor, draftInvoice } from "./invoices";
import { issueOrHold } from "./issue";
import { decimalOf, price, toMinor } from "./money";
import type { LegalEntity } from "./seller";
import { lockBilling } from "./subscriptions";

/** From the lines of a signed quote to invoices: each is billed once, whatever version says it. */

type QuoteRef = Pick<typeof quotes.$inferSelect, "id" | "projectId">;

/** Who issues what is due, and when. */
export interface Issue {
  seller: LegalEntity;
  now: Date;
}

/**
 * The quote's lines that are due with a milestone, or with the signature (null): what is open of each, which is neither on
 * an invoice by an earlier version nor taken off by agreement.
 */
export async function linesDue(tx: TenantTx, quote: QuoteRef, milestoneKey: string | null) {
  const all = await tx.select(quoteLines, eq(quoteLines.quoteId, quote.id), {
    orderBy: asc(quoteLines.place),
  });
  const off = await takenOff(tx, quote.projectId);
  const due = [];
  for (const { key, ...line } of all) {
    if (line.milestoneKey !== milestoneKey || line.kind === "retainer") continue;
    const about = `${quote.projectId}/${key}`;
    const billed = await billedMinor(tx, sql`l.key = ${about}`);
    const openMinor = line.amountMinor - billed - (off.get(about) ?? 0n);
    if (openMinor > 0n) due.push({ ...line, key: about, openMinor });
  }
  return due;
}

/** What signed reductions took off, by the line's key on invoices. */
async function takenOff(tx: TenantTx, projectId: string): Promise<Map<string, bigint>> {
  const signed = await tx.select(
    remedies,
    and(eq(remedies.projectId, projectId), eq(remedies.state, "accepted")) as SQL,
  );
  const sums = new Map<string, bigint>();
  for (const { document } of signed)
    if (document.kind === "reduction")
      for (const { key, off } of document.lines)
        sums.set(key, (sums.get(key) ?? 0n) + toMinor(price(off), document.currency));
  return sums;
}

/** An invoice of its own for what is open of the lines that are due; null without any. */
export async function invoiceLinesDue(
  tx: TenantTx,
  quote: QuoteRef,
  milestoneKey: string | null,
  { seller, now }: Issue,
): Promise<string | null> {
  await lockBilling(tx);
  const profile = await findProfile(tx);
  if (!profile) return fail("invalid_request", "The billing profile is missing.");
  const tax = taxOf(profile, seller.taxRates);
  const lines = (await linesDue(tx, quote, milestoneKey)).map((due): Line => {
    const { key, title, quantity, unitDecimal, amountMinor, openMinor } = due;
    const isWhole = openMinor === amountMinor;
    return {
      key,
      text: { is: "milestone", values: { title } },
      quantity: isWhole ? quantity : 1n,
      unitDecimal: isWhole ? unitDecimal : decimalOf(openMinor, profile.currency),
      amountMinor: openMinor,
      ...tax,
    };
  });
  if (lines.length === 0) return null;
  const draft = await draftInvoice(tx, { seller, profile, lines, month: null });
  return (await issueOrHold(tx, draft, { seller, profile, now })).id;
}
