import { type SQL, sql } from "drizzle-orm";
import type { TenantTx } from "@/db/tenant";
import type { Invoice, InvoiceState } from "./invoices";

/**
 * How an invoice stands, in words: its state knows only that something settled it, not whether that was money or a
 * credit note of its own.
 */
export type InvoiceStanding =
  | InvoiceState
  /** Taken back wholly, whether it had been paid or not. */
  | "credited"
  /** Taken back in part; nothing was paid. */
  | "part_credited"
  /** Paid in part and taken back in part; the rest is open. */
  | "part_paid_credited"
  /** Settled, and a part of it was taken back. */
  | "paid_credited";

/** What credit notes of an invoice take back, and how much of that has settled this invoice. */
export interface Credit {
  creditedMinor: bigint;
  settledMinor: bigint;
}
export const NO_CREDIT: Credit = { creditedMinor: 0n, settledMinor: 0n };

export function standingOf(
  { state, totalMinor, settledMinor }: Pick<Invoice, "state" | "totalMinor" | "settledMinor">,
  credit: Credit,
): InvoiceStanding {
  if (credit.creditedMinor === 0n) return state;
  if (credit.creditedMinor === totalMinor) return "credited";
  if (state === "paid") return "paid_credited";
  if (state !== "part_paid") return state;
  // A credit note of another invoice pays like money: it is what the buyer had a balance of.
  return settledMinor > credit.settledMinor ? "part_paid_credited" : "part_credited";
}

/** By the invoice's id; all that have a credit note, or those of `which` notes `n`. */
export async function creditsByInvoice(tx: TenantTx, which: SQL = sql`true`): Promise<Map<string, Credit>> {
  const rows = await tx.query<{ id: string; credited: string; settled: string }>(sql`
    select n.invoice_id as id, sum(n.total_minor)::text as credited, coalesce(sum((
      select sum(s.amount_minor) from settlements s where s.tenant_id = n.tenant_id and s.credit_note_id = n.id
        and s.invoice_id = n.invoice_id)), 0)::text as settled
    from credit_notes n where n.tenant_id = ${tx.tenantId} and ${which} group by 1`);
  return new Map(
    rows.map(({ id, credited, settled }) => [
      id,
      { creditedMinor: BigInt(credited), settledMinor: BigInt(settled) },
    ]),
  );
}
