import { and, asc, eq, sql } from "drizzle-orm";
import { invoices, paymentAllocations, payments } from "@/db/schema/billing";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { fail } from "./errors";
import { createId } from "./id";
import { type Invoice, isOwed, openMinor, settle } from "./invoices";
import { least } from "./money";
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
    await allocate(tx, made, owed);
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

async function owedInvoices(tx: TenantTx, invoiceId: string | undefined): Promise<Invoice[]> {
  const all = (
    await tx.select(invoices, undefined, { orderBy: [asc(invoices.issuedAt), asc(invoices.id)] })
  ).filter(isOwed);
  if (invoiceId === undefined) return all;
  const named = all.find(({ id }) => id === invoiceId);
  return named ? [named, ...all.filter((one) => one !== named)] : fail("not_found");
}

async function allocate(tx: TenantTx, { id, amountMinor }: Payment, owed: readonly Invoice[]): Promise<void> {
  let left = amountMinor;
  for (const invoice of owed) {
    const part = least(left, openMinor(invoice));
    if (part <= 0n) continue;
    await tx.insert(paymentAllocations, { paymentId: id, invoiceId: invoice.id, amountMinor: part });
    await settle(tx, invoice, part);
    left -= part;
  }
}

/** What was paid too much, or back by a credit note, and pays the next invoices. */
export async function balanceMinor(tx: TenantTx): Promise<bigint> {
  const [sum] = await tx.query<{ left: string }>(sql`
    select (coalesce((select sum(amount_minor) from payments where tenant_id = ${tx.tenantId}), 0)
      - coalesce((select sum(amount_minor) from payment_allocations where tenant_id = ${tx.tenantId}), 0))::text as left`);
  return BigInt(sum?.left ?? 0);
}
