import Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { POST as checkoutRoute } from "@/app/api/invoices/[id]/checkout/route";
import { POST as webhookRoute } from "@/app/api/webhooks/stripe/route";
import { closePools } from "@/db/index";
import { paymentReversals, payments } from "@/db/schema/billing";
import { forTenant } from "@/db/tenant";
import { startStripeMock } from "@/scripts/test/stripe.mjs";
import { offer, openShop, profile } from "./billing.fixture";
import { saveProfile } from "./billing-profiles";
import { runInvoices } from "./invoice-run";
import { type Invoice, readInvoices } from "./invoices";
import { recordPayment } from "./payments";
import { ask, createPerson, unique } from "./people.fixture";
import { runDay } from "./periods";
import { balanceMinor } from "./settlements";
import { subscribe } from "./subscriptions";
import { createTenant } from "./tenants";

/** Cards: the page from the provider's own mock, the money from events signed as the provider signs them. */
const SECRET = "whsec_of_tests";
const mock = await startStripeMock();
Object.assign(process.env, {
  STRIPE_SECRET_KEY: "sk_test_1234567890",
  STRIPE_WEBHOOK_SECRET: SECRET,
  STRIPE_API_URL: mock?.url ?? "http://127.0.0.1:9",
});

let tenantId: string;
let slug: string;
let cookie: string;
let invoice: Invoice;

beforeAll(async () => {
  await openShop();
  await offer("by-card", { base: "10", meters: {} });
});
beforeEach(async () => {
  const person = await createPerson();
  cookie = person.cookie;
  const made = await createTenant({ name: unique("Carded"), email: person.email });
  ({ tenantId, slug } = made);
  await saveProfile(tenantId, profile(), "test");
  await subscribe(tenantId, { planId: "by-card", startsAt: new Date("2026-01-01T00:00:00Z") }, "test");
  await runInvoices("2026-01", runDay("2026-01"));
  const [first] = await readInvoices(tenantId);
  if (!first) throw new Error("no invoice");
  invoice = first;
});
afterAll(async () => {
  await mock?.stop();
  await closePools();
});

const press = (id = invoice.id, by = cookie) =>
  ask(checkoutRoute, { method: "POST", cookie: by, tenant: slug, params: { id } });
/** What the provider sends, signed at `at`. */
async function tell(type: string, object: object, { secret = SECRET, at = Date.now() } = {}) {
  const created = Math.floor(at / 1000);
  const payload = JSON.stringify({ id: unique("evt"), object: "event", type, created, data: { object } });
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: created });
  const headers = { "stripe-signature": signature, "x-forwarded-for": unique("stripe") };
  const request = new Request("http://127.0.0.1/api/webhooks/stripe", {
    method: "POST",
    headers,
    body: payload,
  });
  return (await webhookRoute(request)).status;
}
const paid = (more: object = {}) => ({
  payment_status: "paid",
  amount_total: Number(invoice.totalMinor),
  currency: "eur",
  payment_intent: unique("pi"),
  metadata: { tenant: tenantId, invoice: invoice.id },
  ...more,
});
const now = async () => (await readInvoices(tenantId)).find(({ id }) => id === invoice.id);
const balance = async () => Number(await forTenant(tenantId, balanceMinor));

test("an open invoice leads to the provider's page; a paid, a foreign and a strange one do not", async ({
  skip,
}) => {
  if (!mock) skip("stripe-mock is not installed");
  const page = await press();
  expect(page.body).toMatchObject({ url: expect.stringMatching(/^https:/) });
  const stranger = await createPerson();
  expect((await press(invoice.id, stranger.cookie)).status).toBe(404);
  expect((await press("ivc_none")).status).toBe(404);
  const whole = { provider: "bank" as const, currency: "EUR", amountMinor: invoice.totalMinor };
  await recordPayment(tenantId, { ...whole, providerId: unique("bank"), receivedOn: "2026-02-10" }, "test");
  expect(await press()).toMatchObject({ status: 409, code: "state_conflict" });
});

test("money is recorded by the provider's word, once however often it is said, and pays the invoice", async () => {
  const session = paid();
  for (const type of ["checkout.session.completed", "checkout.session.async_payment_succeeded"])
    expect(await tell(type, session)).toBe(200);
  expect(await now()).toMatchObject({ state: "paid", settledMinor: invoice.totalMinor });
  expect(await forTenant(tenantId, (tx) => tx.select(payments))).toMatchObject([
    { provider: "stripe", providerId: session.payment_intent, amountMinor: invoice.totalMinor },
  ]);
});

test("ten deliveries of one event at once are one payment", async () => {
  const session = paid();
  const all = await Promise.all(
    Array.from({ length: 10 }, () => tell("checkout.session.completed", session)),
  );
  expect(new Set(all)).toEqual(new Set([200]));
  expect(await now()).toMatchObject({ state: "paid", settledMinor: invoice.totalMinor });
  expect(await balance()).toBe(0);
});

test("money that is only promised, of other business, or of a tenant that is not there records nothing", async () => {
  expect(await tell("checkout.session.completed", paid({ payment_status: "unpaid" }))).toBe(200);
  expect(await tell("checkout.session.completed", paid({ metadata: {} }))).toBe(200);
  expect(await tell("checkout.session.completed", paid({ metadata: { tenant: "ten_none" } }))).toBe(200);
  expect(await tell("customer.created", { id: "cus_1" })).toBe(200);
  expect(await now()).toMatchObject({ state: "issued" });
});

test("what is paid twice, or for an invoice that is not there, is kept for the next ones", async () => {
  const total = Number(invoice.totalMinor);
  await tell("checkout.session.completed", paid());
  await tell("checkout.session.completed", paid());
  expect(await balance()).toBe(total);
  const unknown = paid({ metadata: { tenant: tenantId, invoice: "ivc_none" } });
  expect(await tell("checkout.session.completed", unknown)).toBe(200);
  expect(await balance()).toBe(2 * total);
});

test("a word that is not signed, signed by another, changed or old is refused", async () => {
  expect(await tell("checkout.session.completed", paid(), { secret: "whsec_other" })).toBe(400);
  expect(await tell("checkout.session.completed", paid(), { at: Date.now() - 3_600_000 })).toBe(400);
  const bare = new Request("http://127.0.0.1/api/webhooks/stripe", { method: "POST", body: "{}" });
  expect((await webhookRoute(bare)).status).toBe(400);
  expect(await now()).toMatchObject({ state: "issued" });
});

test("a refund and a dispute are noted once for staff; the books change by what staff decide", async () => {
  const session = paid();
  await tell("checkout.session.completed", session);
  const refund = { id: unique("re"), amount: 500, currency: "eur", payment_intent: session.payment_intent };
  const dispute = { ...refund, id: unique("du"), amount: 1190 };
  for (let twice = 0; twice < 2; twice++) {
    expect(await tell("refund.created", refund)).toBe(200);
    expect(await tell("charge.dispute.created", dispute)).toBe(200);
  }
  expect(await tell("refund.created", { ...refund, id: unique("re"), payment_intent: "pi_foreign" })).toBe(
    200,
  );
  const noted = await forTenant(tenantId, (tx) => tx.select(paymentReversals));
  expect(noted.map(({ kind, amountMinor }) => [kind, Number(amountMinor)]).sort()).toEqual([
    ["dispute", 1190],
    ["refund", 500],
  ]);
  expect(await now()).toMatchObject({ state: "paid" });
});
