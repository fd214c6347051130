import { and, asc, desc, eq, inArray, type SQL } from "drizzle-orm";
import { z } from "zod";
import { quoteLines, quotes } from "@/db/schema/projects";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { findProfile } from "./billing-profiles";
import { fail } from "./errors";
import { createId } from "./id";
import { dayIn } from "./invoices";
import { agreeMilestones } from "./milestones";
import { decimalOf, divideRounded, price, times } from "./money";
import { mover } from "./moves";
import { tell } from "./project-notices";
import { findProject, moveProject, note } from "./projects";
import { lineAmount } from "./quote-amounts";
import { milestoneSchema, type QuoteDocument, quoteDocumentSchema, quoteLineSchema } from "./scope";
import { neededSeller } from "./seller";
import { assertSeen, hashOf, keepSignature, type Signing } from "./signatures";
import { becomeCustomer } from "./tenants";
import { emitEvent } from "./webhook-events";

/** Offers: drafted by staff, sent as a document that does not change, signed by the customer. */

export type Quote = typeof quotes.$inferSelect;
type QuoteState = Quote["state"];

export const QUOTE_MOVES = {
  draft: ["sent", "withdrawn"],
  sent: ["accepted", "declined", "expired", "withdrawn"],
  accepted: ["superseded"],
  declined: [],
  expired: [],
  withdrawn: [],
  superseded: [],
} as const satisfies Record<QuoteState, readonly QuoteState[]>;

/** Above it, somebody else has to agree. */
export const FREE_DISCOUNT_BP = 1500;

export const quoteInputSchema = z
  .object({
    validUntil: z.iso.date(),
    lines: z.array(quoteLineSchema).min(1).max(100),
    milestones: z.array(milestoneSchema).max(40),
    band: quoteDocumentSchema.shape.band.default(null),
  })
  .superRefine(({ lines, milestones }, context) => {
    const keys = new Set(milestones.map(({ key }) => key));
    const refuse = (message: string) => context.addIssue({ code: "custom", message });
    if (keys.size < milestones.length) refuse("two milestones have the same key");
    if (new Set(lines.map(({ key }) => key)).size < lines.length) refuse("two lines have the same key");
    const lost = lines.find(({ milestone_key: key }) => key !== null && !keys.has(key));
    if (lost) refuse(`the line ${lost.key} waits for a milestone that is not there`);
  });
type QuoteInput = z.input<typeof quoteInputSchema>;

/** The next version of a project's quote, as a draft. */
export async function draftQuote(
  tenantId: string,
  projectId: string,
  input: QuoteInput,
  by: string,
): Promise<Quote> {
  const { validUntil, lines, milestones, band } = quoteInputSchema.parse(input);
  const seller = await neededSeller();
  return forTenant(tenantId, async (tx) => {
    const project = await findProject(tx, projectId);
    const profile = await findProfile(tx);
    if (!profile)
      return fail("invalid_request", "The customer's billing profile is missing; it names the currency.");
    const [last] = await tx.select(quotes, eq(quotes.projectId, projectId), {
      orderBy: desc(quotes.version),
      limit: 1,
    });
    const { currency } = profile;
    const priced = lines.map((line) => ({ ...line, amountMinor: lineAmount(line, currency) }));
    const version = (last?.version ?? 0) + 1;
    const net = priced.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
    const document: QuoteDocument = {
      project: project.id,
      version,
      currency,
      valid_until: validUntil,
      terms_version: seller.termsVersion,
      seller: seller.name,
      buyer: profile.legalName,
      lines: priced.map(({ amountMinor, ...line }) => ({
        ...line,
        amount: decimalOf(amountMinor, currency),
      })),
      milestones,
      net: decimalOf(net, currency),
      band,
    };
    const [quote] = await tx.insert(quotes, {
      id: createId("quote"),
      ...{ projectId, version, currency, validUntil, document },
      state: "draft",
      createdBy: by,
    });
    if (!quote) throw new Error("the quote was not stored");
    await tx.insert(
      quoteLines,
      priced.map(({ unit_decimal, discount_bp, milestone_key, quantity, ...line }, place) => ({
        ...line,
        quoteId: quote.id,
        place,
        quantity: BigInt(quantity),
        unitDecimal: unit_decimal,
        discountBp: discount_bp,
        milestoneKey: milestone_key,
      })),
    );
    await note(tx, projectId, {
      kind: "quote.drafted",
      actor: by,
      isInternal: true,
      data: { version: String(version) },
    });
    return quote;
  });
}

/** Share of the full price that a quote gives away. */
async function discountBp(tx: TenantTx, quoteId: string): Promise<number> {
  const lines = await tx.select(quoteLines, eq(quoteLines.quoteId, quoteId));
  const full = lines.reduce((sum, { quantity, unitDecimal }) => {
    const { numerator, denominator } = times(price(unitDecimal), quantity * 10n ** 12n);
    return sum + divideRounded(numerator, denominator);
  }, 0n);
  if (full === 0n) return 0;
  const given = lines.reduce((sum, { quantity, unitDecimal, discountBp: bp }) => {
    const { numerator, denominator } = times(price(unitDecimal), quantity * 10n ** 12n * BigInt(bp));
    return sum + divideRounded(numerator, denominator);
  }, 0n);
  return Number(divideRounded(given, full));
}

export const approveDiscount = (tenantId: string, quoteId: string, by: string): Promise<Quote> =>
  forTenant(tenantId, async (tx) => {
    const quote = await findQuote(tx, quoteId);
    if (quote.state !== "draft") fail("invalid_request", "Only a draft's discount is agreed to.");
    if (quote.createdBy === by) fail("permission_denied", "Somebody else agrees to a discount.");
    const [approved] = await tx.update(quotes, { approvedBy: by }, eq(quotes.id, quoteId));
    await note(tx, quote.projectId, { kind: "quote.discount_approved", actor: by, isInternal: true });
    return approved ?? quote;
  });

/** Sends a draft: from here on its document and the hash of it stay. */
export async function sendQuote(
  tenantId: string,
  quoteId: string,
  by: string,
  now = new Date(),
): Promise<Quote> {
  const { timeZone } = await neededSeller();
  return forTenant(tenantId, async (tx) => {
    const quote = await findQuote(tx, quoteId);
    if (!quote.approvedBy && (await discountBp(tx, quoteId)) > FREE_DISCOUNT_BP)
      fail(
        "invalid_request",
        `A discount above ${FREE_DISCOUNT_BP / 100} % needs somebody's agreement.`,
        "discount",
      );
    if (quote.validUntil < dayIn(timeZone, now, 0))
      fail("invalid_request", "The day until which it is valid is over.", "valid_until");
    const sha256 = quote.document && hashOf(quote.document);
    const sent = await moveQuote(tx, quoteId, "sent", { sha256, sentAt: now });
    const project = await findProject(tx, quote.projectId);
    if (project.state === "inquiry") await moveProject(tx, project.id, "scoping", { actor: by });
    await tell(tx, "customer", "quote_sent", project);
    await note(tx, quote.projectId, {
      kind: "quote.sent",
      actor: by,
      data: { version: String(quote.version) },
    });
    return sent;
  });
}

export async function findQuote(tx: TenantTx, id: string): Promise<Quote> {
  return (await tx.one(quotes, eq(quotes.id, id))) ?? fail("not_found");
}

const moveQuote = mover(quotes, "A quote", QUOTE_MOVES);

/** Accepts a quote: once, before its last day is over, and only the bytes that were seen. */
export async function signQuote(
  tenantId: string,
  quoteId: string,
  signing: Signing,
  now = new Date(),
): Promise<Quote> {
  const seller = await neededSeller();
  return forTenant(tenantId, async (tx) => {
    const quote = await findQuote(tx, quoteId);
    if (quote.state === "sent" && quote.validUntil < dayIn(seller.timeZone, now, 0))
      fail(
        "invalid_request",
        `The quote was valid until ${quote.validUntil}; ask for a new one.`,
        "valid_until",
      );
    assertSeen(quote.sha256, signing);
    const earlier = await tx.select(
      quotes,
      and(eq(quotes.projectId, quote.projectId), inArray(quotes.state, ["accepted", "sent"])) as SQL,
    );
    const accepted = await moveQuote(tx, quoteId, "accepted", { decidedAt: now });
    for (const one of earlier.filter(({ id }) => id !== quoteId))
      await moveQuote(tx, one.id, one.state === "sent" ? "withdrawn" : "superseded", { decidedAt: now });
    await keepSignature(tx, { quoteId }, signing, now);
    await agreeMilestones(tx, accepted, { seller, now });
    const project = await findProject(tx, quote.projectId);
    if (project.state === "scoping") await moveProject(tx, project.id, "active", { actor: signing.userId });
    await tell(tx, "staff", "quote_decided", project);
    await note(tx, quote.projectId, {
      kind: "quote.accepted",
      actor: signing.userId,
      data: { version: String(quote.version), name: signing.name, sha256: signing.sha256 },
    });
    await writeAudit(tx, signing.userId, "quote.accepted", quoteId, { sha256: signing.sha256 });
    await becomeCustomer(tx, signing.userId);
    await emitEvent(tx, "quote.accepted", { id: quoteId, project: quote.projectId });
    return accepted;
  });
}

export const declineQuote = (
  tenantId: string,
  quoteId: string,
  because: string,
  by: string,
): Promise<Quote> =>
  forTenant(tenantId, async (tx) => {
    const moved = await moveQuote(tx, quoteId, "declined", { decidedAt: new Date() });
    await note(tx, moved.projectId, { kind: "quote.declined", actor: by, body: because });
    await tell(tx, "staff", "quote_decided", await findProject(tx, moved.projectId));
    return moved;
  });

/** Taken back by staff, before it was decided on. */
export const withdrawQuote = (tenantId: string, quoteId: string, by: string): Promise<Quote> =>
  forTenant(tenantId, async (tx) => {
    const { sentAt } = await findQuote(tx, quoteId);
    const moved = await moveQuote(tx, quoteId, "withdrawn", { decidedAt: new Date() });
    // A draft that the customer never saw goes without their hearing of it.
    const data = { version: String(moved.version) };
    await note(tx, moved.projectId, {
      kind: "quote.withdrawn",
      actor: by,
      data,
      isInternal: sentAt === null,
    });
    return moved;
  });

/** Its last day is over. */
export const expireQuote = (tenantId: string, quoteId: string, now: Date): Promise<Quote> =>
  forTenant(tenantId, async (tx) => {
    const moved = await moveQuote(tx, quoteId, "expired", { decidedAt: now });
    const data = { version: String(moved.version), day: moved.validUntil };
    await note(tx, moved.projectId, { kind: "quote.expired", actor: "system", data });
    return moved;
  });

export const quotesOf = (tx: TenantTx, projectId: string): Promise<Quote[]> =>
  tx.select(quotes, eq(quotes.projectId, projectId), { orderBy: asc(quotes.version) });
