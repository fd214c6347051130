import { and, eq, sql } from "drizzle-orm";
import { payments } from "@/db/schema/billing";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { fail } from "./errors";
import { createId } from "./id";
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
    const other = owed.find(({ currency }) => currency !== made.currency);
    if (other)
      fail("invalid_request", `The invoices are in ${other.currency}, not in ${made.currency}.`, "currency");
    await settleWith(tx, { paymentId: made.id, leftMinor: made.amountMinor }, owed);
    await writeAudit(tx, by, "payment.recorded", made.id, { amount: String(made.amountMinor) });
    return made;
  });
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
