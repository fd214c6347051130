import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import Stripe from "stripe";
import { invoices } from "@/db/schema/billing";
import { tenantOfPayment } from "@/db/system";
import { forTenant } from "@/db/tenant";
import { env } from "./env";
import { AppError, fail, isForeignKeyViolation } from "./errors";
import { log } from "./log";
import { noteReversal, recordPayment } from "./payments";
import type { Actor } from "./session";
import { isOwed, openMinor } from "./settlements";

/**
 * Invoices paid by card. A customer is sent to the provider's own page; that money came is told by its signed webhook
 * alone, never by the page that the customer comes back to. Card numbers never pass here.
 */

/** What these calls and events were written against, whatever the account's own default is. */
const API_VERSION = "2026-10-28.endive";
const CALL_MS = 20_000;
/** Two presses within it open the same page. */
const SAME_PAGE_MS = 3_600_000;

export const takesCards = (): boolean =>
  env().STRIPE_SECRET_KEY !== undefined && env().STRIPE_WEBHOOK_SECRET !== undefined;

function client(): Stripe {
  const { STRIPE_SECRET_KEY: key, STRIPE_API_URL: api } = env();
  if (key === undefined) return fail("not_found", "This installation takes no cards; pay by bank transfer.");
  const at = api === undefined ? {} : addressOf(new URL(api));
  return new Stripe(key, { apiVersion: API_VERSION, timeout: CALL_MS, telemetry: false, ...at });
}

const addressOf = ({ hostname: host, port, protocol }: URL) =>
  ({ host, port, protocol: protocol === "http:" ? "http" : "https" }) as const;

/** Currencies that the provider counts in hundredths, although they have none (its documentation, "Currencies"). */
const IN_HUNDREDTHS = ["ISK", "UGX"];
const factorOf = (currency: string) => (IN_HUNDREDTHS.includes(currency) ? 100n : 1n);

/** The address of a page where what is open of an invoice is paid. */
export async function checkoutPage(actor: Actor, invoiceId: string, now = new Date()): Promise<string> {
  const stripe = client();
  const invoice = await forTenant(actor.tenantId, (tx) => tx.one(invoices, eq(invoices.id, invoiceId)));
  if (!invoice) return fail("not_found");
  const amount = openMinor(invoice);
  if (!isOwed(invoice) || amount <= 0n) fail("state_conflict", "Nothing is open on this invoice.");
  const metadata = { tenant: actor.tenantId, invoice: invoice.id };
  const back = new URL(`/${actor.slug}/billing`, env().publicUrl).href;
  const unitAmount = Number(amount * factorOf(invoice.currency));
  const order: Stripe.Checkout.SessionCreateParams = {
    mode: "payment",
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: invoice.currency.toLowerCase(),
          unit_amount: unitAmount,
          product_data: { name: `${invoice.number ?? ""} ${invoice.seller.name}`.trim() },
        },
      },
    ],
    client_reference_id: invoice.id,
    metadata,
    payment_intent_data: { metadata },
    success_url: `${back}?paid=1`,
    cancel_url: back,
  };
  const once = [actor.tenantId, invoice.id, String(amount), String(Math.floor(now.getTime() / SAME_PAGE_MS))];
  const idempotencyKey = createHash("sha256").update(once.join(" ")).digest("hex");
  try {
    const { url } = await stripe.checkout.sessions.create(order, { idempotencyKey });
    if (!url) throw new AppError("payment_provider_failed");
    return url;
  } catch (error) {
    if (error instanceof AppError) throw error;
    log().error({ error: (error as Error).message, invoice: invoice.id }, "no page for a payment");
    throw new AppError("payment_provider_failed");
  }
}

/** An event as the provider signed it. @throws `invalid_signature` for everything else. */
export function readEvent(body: Buffer, signature: string | null): Stripe.Event {
  const { STRIPE_WEBHOOK_SECRET: secret } = env();
  if (secret === undefined) return fail("not_found");
  try {
    return Stripe.webhooks.constructEvent(body, signature ?? "", secret);
  } catch {
    return fail("invalid_signature");
  }
}

/** What an event means here; one that comes again changes nothing, and one of somebody else's business is let go. */
export async function takeEvent(event: Stripe.Event): Promise<void> {
  switch (event.type) {
    case "checkout.session.completed":
    case "checkout.session.async_payment_succeeded":
      return takePayment(event.data.object, event.created);
    case "refund.created":
      return takeBack("refund", event.data.object);
    case "charge.dispute.created":
      return takeBack("dispute", event.data.object);
    default:
  }
}

async function takePayment(session: Stripe.Checkout.Session, created: number): Promise<void> {
  const { metadata, payment_status, amount_total: amount, currency, payment_intent: paidBy } = session;
  const { tenant, invoice } = metadata ?? {};
  // A bank debit is promised first and comes, or not, by an event of its own.
  if (payment_status !== "paid" || !tenant || !amount || !currency || !paidBy) return;
  const paidIn = currency.toUpperCase();
  const payment = {
    provider: "stripe" as const,
    providerId: idOf(paidBy),
    currency: paidIn,
    amountMinor: BigInt(amount) / factorOf(paidIn),
    receivedOn: new Date(created * 1000).toISOString().slice(0, 10),
    ...(invoice ? { invoiceId: invoice } : {}),
  };
  try {
    await recordPayment(tenant, payment, "stripe");
  } catch (error) {
    // Removed since: told again it would fail again, so the operator has to see it.
    if (!isForeignKeyViolation(error)) throw error;
    log().error(
      { tenant, invoice, payment: payment.providerId },
      "a payment of a tenant that is gone; pay it back",
    );
  }
}

async function takeBack(
  kind: "refund" | "dispute",
  { id: providerId, amount, currency, payment_intent: paidBy }: Stripe.Refund | Stripe.Dispute,
): Promise<void> {
  const paymentId = paidBy === null ? "" : idOf(paidBy);
  const tenantId = await tenantOfPayment("stripe", paymentId);
  if (tenantId === null) return;
  log().error(
    { tenantId, kind, providerId, amount },
    "a payment is taken back; settle it at the customer's billing",
  );
  const amountMinor = BigInt(amount) / factorOf(currency.toUpperCase());
  await noteReversal(tenantId, paymentId, { kind, providerId, amountMinor });
}

const idOf = (one: string | { id: string }) => (typeof one === "string" ? one : one.id);
