import { asc, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { milestones, quotes, remedies } from "@/db/schema/projects";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { creditedByLine, issueCreditNote } from "./credit-notes";
import { minorOf } from "./customer-billing";
import { fail } from "./errors";
import { createId } from "./id";
import { heldMilestone, invoiceMilestone, type Milestone, moveMilestone } from "./milestones";
import { decimalOf, least, price, shareOf, toMinor } from "./money";
import { mover } from "./moves";
import { linesDue } from "./project-invoices";
import { tell } from "./project-notices";
import { findProject, note } from "./projects";
import { type RemedyDocument, textField } from "./scope";
import { type LegalEntity, neededSeller } from "./seller";
import { assertSeen, hashOf, keepSignature, type Signing } from "./signatures";

/**
 * How a missed milestone ends by agreement: taken for less, or given up with a credit of the deposit. Staff propose it, the
 * customer signs it. (It also goes on with another run or a change order, or the customer does without.)
 */

export type Remedy = typeof remedies.$inferSelect;

export const REMEDY_MOVES = {
  proposed: ["accepted", "declined", "withdrawn"],
  accepted: [],
  declined: [],
  withdrawn: [],
} as const satisfies Record<Remedy["state"], readonly Remedy["state"][]>;

const moveRemedy = mover(remedies, "A proposal", REMEDY_MOVES);

export const remedyInputSchema = z
  .object({
    kind: z.enum(["reduction", "ending"]),
    words: textField(2000),
    /** How much is taken off: a part of what is open, or a sum before tax. */
    shareBp: z.number().int().min(0).max(10_000).optional(),
    amount: z.string().trim().max(30).optional(),
  })
  .refine(({ shareBp, amount }) => (shareBp === undefined) !== (amount === undefined), {
    message: "say either a share or an amount",
    path: ["amount"],
  });
type RemedyInput = z.infer<typeof remedyInputSchema>;

/** Proposes it to the customer; one proposal at a time is open. */
export async function proposeRemedy(
  tenantId: string,
  milestoneId: string,
  input: RemedyInput,
  by: string,
): Promise<Remedy> {
  return forTenant(tenantId, async (tx) => {
    if ((await heldMilestone(tx, milestoneId)).state !== "missed")
      fail("state_conflict", "Only a milestone that was missed is ended by agreement.", "milestone");
    const milestone = (await tx.one(milestones, eq(milestones.id, milestoneId))) ?? fail("not_found");
    const document = await documentOf(tx, milestone, input);
    const { projectId } = milestone;
    const [remedy] = await tx.insertNew(remedies, {
      id: createId("remedy"),
      ...{ projectId, milestoneId, document, createdBy: by },
      state: "proposed",
      sha256: hashOf(document),
    });
    if (!remedy)
      return fail("state_conflict", "Another proposal waits for the customer; take it back first.", "state");
    await note(tx, projectId, { kind: `remedy.${input.kind}`, actor: by, ...saidOf(document) });
    await tell(tx, "customer", "remedy_proposed", await findProject(tx, projectId));
    return remedy;
  });
}

const saidOf = ({ milestone, words, off, currency }: RemedyDocument) => ({
  body: words,
  data: { milestone: milestone.title, off: `${currency} ${off}` },
});

async function documentOf(tx: TenantTx, milestone: Milestone, input: RemedyInput): Promise<RemedyDocument> {
  const quote = (await tx.one(quotes, eq(quotes.id, milestone.quoteId))) ?? fail("not_found");
  const { currency, projectId } = quote;
  const { kind, words, shareBp, amount } = input;
  const open =
    kind === "reduction"
      ? (await linesDue(tx, quote, milestone.key)).map((line) => ({ ...line, invoice: null }))
      : await depositLines(tx, projectId, currency);
  const openMinor = open.reduce((sum, line) => sum + line.openMinor, 0n);
  const offMinor =
    amount === undefined ? shareOf(openMinor, shareBp ?? 0) : minorOf(amount, currency, "amount");
  if (offMinor > openMinor)
    fail(
      "invalid_request",
      `There are ${currency} ${decimalOf(openMinor, currency)} to take it from, before tax.`,
      "amount",
    );
  if (kind === "reduction" && offMinor === 0n)
    fail("invalid_request", "Say how much less it costs; nothing would be taken off.", "amount");
  let left = offMinor;
  const lines = open.flatMap(({ key, title, invoice, openMinor: openOfLine }) => {
    const off = least(left, openOfLine);
    left -= off;
    const line = {
      key,
      title,
      invoice,
      open: decimalOf(openOfLine, currency),
      off: decimalOf(off, currency),
    };
    return off > 0n ? [line] : [];
  });
  const { id, title } = milestone;
  return {
    ...{ project: projectId, milestone: { id, title }, kind, words, currency, lines },
    off: decimalOf(offMinor, currency),
  };
}

/** What was invoiced of a project without a milestone, oldest first, each line with what was not credited of it. */
async function depositLines(tx: TenantTx, projectId: string, currency: string) {
  const billed = await tx.query<{
    id: string;
    number: string;
    key: string;
    title: string;
    amount: string;
  }>(sql`
    select i.id, i.number, l.key, l.text -> 'values' ->> 'title' as title, l.amount_minor::text as amount
    from invoice_lines l join invoices i on i.tenant_id = l.tenant_id and i.id = l.invoice_id
    where l.tenant_id = ${tx.tenantId} and l.text ->> 'is' = 'milestone' and starts_with(l.key, ${`${projectId}/`})
      and i.number is not null and i.currency = ${currency}
      and not exists (select 1 from milestones m where m.tenant_id = l.tenant_id and m.invoice_id = i.id)
    order by i.issued_at, i.number, l.place`);
  const lines = [];
  for (const { id, number, key, title, amount } of billed) {
    const credited = (await creditedByLine(tx, id)).get(key) ?? 0n;
    lines.push({ key, title, invoice: { id, number }, openMinor: BigInt(amount) - credited });
  }
  return lines;
}

/** The customer agrees: once, to the bytes that were seen; what was agreed happens with it. */
export async function signRemedy(
  tenantId: string,
  id: string,
  signing: Signing,
  now = new Date(),
): Promise<Remedy> {
  const seller = await neededSeller();
  return forTenant(tenantId, async (tx) => {
    const remedy = await findLocked(tx, id);
    assertSeen(remedy.sha256, signing);
    const accepted = await moveRemedy(tx, id, "accepted", { decidedAt: now });
    await keepSignature(tx, { remedyId: id }, signing, now);
    const { kind, milestone } = remedy.document;
    const by = signing.userId;
    if (kind === "reduction") await takeForLess(tx, milestone.id, { seller, now });
    else await giveUp(tx, remedy.document, { by, now });
    const { data } = saidOf(remedy.document);
    await note(tx, remedy.projectId, {
      kind: `remedy.signed_${kind}`,
      actor: by,
      data: { ...data, name: signing.name, sha256: signing.sha256 },
    });
    await tell(tx, "staff", "milestone_decided", await findProject(tx, remedy.projectId));
    await writeAudit(tx, by, "remedy.accepted", id, { sha256: signing.sha256 });
    return accepted;
  });
}

/** Before the proposal itself, as everything does that moves a milestone: so none waits for the other. */
async function findLocked(tx: TenantTx, id: string): Promise<Remedy> {
  const { milestoneId } = await findRemedy(tx, id);
  await heldMilestone(tx, milestoneId);
  return findRemedy(tx, id);
}

async function findRemedy(tx: TenantTx, id: string): Promise<Remedy> {
  return (await tx.one(remedies, eq(remedies.id, id))) ?? fail("not_found");
}

/** What the signed reduction takes off is not due any more; the rest is. */
async function takeForLess(tx: TenantTx, milestoneId: string, issue: { seller: LegalEntity; now: Date }) {
  const taken = await moveMilestone(tx, milestoneId, "waived", { decidedAt: issue.now });
  await invoiceMilestone(tx, taken, issue);
}

/** What waited for the milestone is never due; of the deposit's invoices the agreed part is credited. */
async function giveUp(
  tx: TenantTx,
  { milestone, lines, currency }: RemedyDocument,
  { by, now }: { by: string; now: Date },
): Promise<void> {
  await moveMilestone(tx, milestone.id, "cancelled", { decidedAt: now });
  const invoiceIds = new Set(lines.flatMap(({ invoice }) => invoice?.id ?? []));
  for (const invoiceId of invoiceIds) {
    const credited = lines
      .filter(({ invoice }) => invoice?.id === invoiceId)
      .map(({ key, off }) => ({ key, amountMinor: toMinor(price(off), currency) }));
    await issueCreditNote(tx.tenantId, invoiceId, { lines: credited, reason: milestone.title }, by, now);
  }
}

/** Not agreed to by the customer, or taken back by staff; the milestone stays missed. */
export async function dropRemedy(
  tenantId: string,
  id: string,
  to: "declined" | "withdrawn",
  { by, because = "" }: { by: string; because?: string },
): Promise<Remedy> {
  return forTenant(tenantId, async (tx) => {
    await findLocked(tx, id);
    const moved = await moveRemedy(tx, id, to, { decidedAt: new Date() });
    const data = { milestone: moved.document.milestone.title };
    await note(tx, moved.projectId, { kind: `remedy.${to}`, actor: by, body: because, data });
    if (to === "declined")
      await tell(tx, "staff", "milestone_decided", await findProject(tx, moved.projectId));
    return moved;
  });
}

export const remediesOf = (tx: TenantTx, projectId: string): Promise<Remedy[]> =>
  tx.select(remedies, eq(remedies.projectId, projectId), { orderBy: asc(remedies.createdAt) });
