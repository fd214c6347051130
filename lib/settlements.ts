import { and, asc, eq, inArray, type SQL, sql } from "drizzle-orm";
import { invoices, settlements } from "@/db/schema/billing";
import type { TenantTx } from "@/db/tenant";
import { makeLive } from "./credits";
import { createId } from "./id";
import { type Invoice, type InvoiceState, moveInvoice } from "./invoices";
import { least } from "./money";
import { restoreStanding } from "./standing";

/** What is owed, and what settles it: payments and credit notes, whole or in parts. Under the lock of billing. */

/** A payment or a credit note, and how much of it has settled nothing yet. */
export type Source = { leftMinor: bigint } & (
  | { paymentId: string; creditNoteId?: null }
  | { creditNoteId: string; paymentId?: null }
);

const OWED = ["issued", "part_paid", "uncollectible"] as const satisfies readonly InvoiceState[];
export const isOwed = ({ state }: Invoice): boolean => (OWED as readonly InvoiceState[]).includes(state);
export const openMinor = ({ totalMinor, settledMinor }: Invoice): bigint => totalMinor - settledMinor;

/** The invoices that are owed, oldest first; one that is named before all others, if it is owed. */
export async function owedInvoices(tx: TenantTx, first?: string): Promise<Invoice[]> {
  const owed = await tx.select(invoices, inArray(invoices.state, [...OWED]), {
    orderBy: [asc(invoices.issuedAt), asc(invoices.number)],
  });
  const named = owed.find(({ id }) => id === first);
  return named ? [named, ...owed.filter((one) => one !== named)] : owed;
}

/** Settles invoices one after the other until nothing is left of the source. */
export async function settleWith(
  tx: TenantTx,
  { leftMinor, ...source }: Source,
  owed: readonly Invoice[],
): Promise<void> {
  let left = leftMinor;
  for (const invoice of owed) {
    const amountMinor = least(left, openMinor(invoice));
    if (amountMinor <= 0n) continue;
    await tx.insert(settlements, {
      id: createId("settlement"),
      invoiceId: invoice.id,
      ...source,
      amountMinor,
    });
    await settle(tx, invoice, amountMinor);
    left -= amountMinor;
  }
}

async function settle(tx: TenantTx, invoice: Invoice, amountMinor: bigint): Promise<void> {
  const settledMinor = invoice.settledMinor + amountMinor;
  const state = settledMinor === invoice.totalMinor ? "paid" : "part_paid";
  if (state !== invoice.state) await moveInvoice(tx, invoice.id, state, { settledMinor });
  else await tx.update(invoices, { settledMinor }, eq(invoices.id, invoice.id));
  if (state !== "paid") return;
  await restoreStanding(tx);
  await makeLive(tx, invoice.id);
}

/** What was paid too much or credited after it was paid, oldest first. */
async function sourcesLeft(tx: TenantTx): Promise<Source[]> {
  const rows = await tx.query<{ payment: string | null; note: string | null; left: string }>(sql`
    select payment, note, (amount - coalesce(used, 0))::text as left from (
      select id as payment, null as note, amount_minor as amount, created_at as at,
        (select sum(s.amount_minor) from settlements s where s.tenant_id = p.tenant_id and s.payment_id = p.id) as used
      from payments p where tenant_id = ${tx.tenantId}
      union all
      select null, id, total_minor, issued_at,
        (select sum(s.amount_minor) from settlements s where s.tenant_id = n.tenant_id and s.credit_note_id = n.id)
      from credit_notes n where tenant_id = ${tx.tenantId}) sources
    where amount > coalesce(used, 0) order by at`);
  return rows.flatMap(({ payment, note, left }): Source[] => {
    const leftMinor = BigInt(left);
    if (payment !== null) return [{ paymentId: payment, leftMinor }];
    return note === null ? [] : [{ creditNoteId: note, leftMinor }];
  });
}

/** Settles an invoice with what the tenant has a balance of. */
export async function settleWithBalance(tx: TenantTx, invoiceId: string): Promise<void> {
  for (const source of await sourcesLeft(tx)) {
    const mine = and(eq(invoices.id, invoiceId), inArray(invoices.state, [...OWED])) as SQL;
    const invoice = await tx.one(invoices, mine);
    if (!invoice) return;
    await settleWith(tx, source, [invoice]);
  }
}

/** What the next invoices are settled with. */
export const balanceMinor = async (tx: TenantTx): Promise<bigint> =>
  (await sourcesLeft(tx)).reduce((sum, { leftMinor }) => sum + leftMinor, 0n);
