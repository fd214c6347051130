import { and, eq, sql } from "drizzle-orm";
import { paymentReversals, payments } from "@/db/schema/billing";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { fail } from "./errors";
import { createId } from "./id";
import type { Invoice } from "./invoices";
import { owedInvoices, settleWith } from "./settlements";
import { lockBilling } from "./subscriptions";

/** Money that comes in, by bank transfer that staff record or through a provider. */

type Payment = typeof payments.$inferSelect;
export interface PaymentInput {
  provider: Payment["provider"];
  /** The provider's own id, or the bank's reference: the same one again changes nothing. */
  providerId: string;
  currency: string;
  amountMinor: bigint;
  /** `2026-01-31`. */
  receivedOn: string;
  /** The invoice that it names; else the oldest ones are paid first. */
  invoiceId?: string;
}

/** Records a payment once and pays what is owed with it. What is left of it pays the next invoices. */
export async function recordPayment(tenantId: string, input: PaymentInput, by: string): Promise<Payment> {
  const { invoiceId, ...values } = input;
  if (values.amountMinor <= 0n) fail("invalid_request", "A payment is more than nothing.", "amount");
  return forTenant(tenantId, async (tx) => {
    await lockBilling(tx);
    const [made] = await tx.insertNew(payments, { ...values, id: createId("payment"), recordedBy: by });
    if (!made) return known(tx, values);
    const owed = await owedInvoices(tx, invoiceId);
    // Staff may have mistyped what they record; what a provider took is there, whatever was said of it.
    if (values.provider === "bank") assertMeant(owed, made, invoiceId);
    const payable = owed.filter(({ currency }) => currency === made.currency);
    await settleWith(tx, { paymentId: made.id, leftMinor: made.amountMinor }, payable);
    await writeAudit(tx, by, "payment.recorded", made.id, { amount: String(made.amountMinor) });
    return made;
  });
}

function assertMeant(owed: readonly Invoice[], { currency }: Payment, invoiceId?: string): void {
  if (invoiceId !== undefined && owed[0]?.id !== invoiceId) fail("not_found");
  const other = owed.find((invoice) => invoice.currency !== currency);
  if (other)
    fail("invalid_request", `The invoices are in ${other.currency}, not in ${currency}.`, "currency");
}

async function known(tx: TenantTx, { provider, providerId, amountMinor }: Omit<PaymentInput, "invoiceId">) {
  const found = await tx.one(
    payments,
    and(eq(payments.provider, provider), eq(payments.providerId, providerId)) ?? sql`false`,
  );
  if (!found || found.amountMinor !== amountMinor)
    return fail("invalid_request", "There is another payment with this reference.", "provider_id");
  return found;
}

export interface Reversal {
  kind: (typeof paymentReversals.$inferSelect)["kind"];
  providerId: string;
  amountMinor: bigint;
}

/** Notes once that a provider took a payment back or was asked to; which invoice is open again is for staff to say. */
export async function noteReversal(tenantId: string, paidBy: string, reversal: Reversal): Promise<void> {
  await forTenant(tenantId, async (tx) => {
    const paid = await tx.one(payments, eq(payments.providerId, paidBy));
    if (!paid) return;
    const values = { id: createId("reversal"), paymentId: paid.id, ...reversal };
    const [made] = await tx.insertNew(paymentReversals, values);
    if (made)
      await writeAudit(tx, paid.provider, `payment.${reversal.kind}`, paid.id, {
        amount: String(reversal.amountMinor),
        reference: reversal.providerId,
      });
  });
}

/** Newest first, with the payment that each is of. */
export const reversalsOf = (tx: TenantTx) =>
  tx.query<{
    id: string;
    kind: Reversal["kind"];
    reference: string;
    payment: string;
    minor: string;
    currency: string;
  }>(
    sql`select r.id, r.kind, r.provider_id as reference, p.provider_id as payment, r.amount_minor::text as minor,
        p.currency from payment_reversals r
      join payments p on p.tenant_id = r.tenant_id and p.id = r.payment_id
      where r.tenant_id = ${tx.tenantId} order by r.id desc`,
  );
