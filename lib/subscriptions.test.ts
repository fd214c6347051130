import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { PATCH as endPlan } from "@/app/api/desk/customers/[tenant]/subscriptions/[id]/route";
import { POST as startPlan } from "@/app/api/desk/customers/[tenant]/subscriptions/route";
import { closePools } from "@/db/index";
import { forTenant } from "@/db/tenant";
import { offer, openShop, profile, use } from "./billing.fixture";
import { saveProfile } from "./billing-profiles";
import { plansOfCustomer } from "./customer-plans";
import { runInvoices } from "./invoice-run";
import { readInvoices } from "./invoices";
import { ask, cookieOf, createPerson, unique } from "./people.fixture";
import { runDay } from "./periods";
import { openSession } from "./session";
import { assignCustomer, createStaff } from "./staff";
import { endSubscription, listSubscriptions, subscribe } from "./subscriptions";
import { createTenant } from "./tenants";

const day = (text: string) => new Date(`${text}T00:00:00Z`);
const [small, large] = [unique("small"), unique("large")];
const rows = (unit: string) => ({
  "inference.row": { included: "10", tiers: [{ up_to: null, unit_decimal: unit }] },
});
let manager = { email: "", cookie: "" };
beforeAll(async () => {
  await openShop();
  await offer(small, {
    base: "10",
    meters: {
      ...rows("0.10"),
      "training.job": { included: "0", tiers: [{ up_to: null, unit_decimal: "9" }] },
    },
  });
  await offer(large, { base: "100", meters: rows("0.01") });
  const hired = await createStaff({ email: `${unique("am")}@graft.test`, role: "account_manager" });
  manager = { email: hired.email, cookie: await cookieOf(await openSession(hired.userId)) };
});
afterAll(closePools);

let [tenantId, slug] = ["", ""];
beforeEach(async () => {
  ({ tenantId, slug } = await createTenant({ name: unique("Buyer"), email: `${unique("buyer")}@sub.test` }));
  await saveProfile(tenantId, profile(), "test");
  await assignCustomer(slug, manager.email);
});
const start = (body: unknown, cookie = manager.cookie) =>
  ask(startPlan, { method: "POST", cookie, params: { tenant: slug }, body });
const spans = async () =>
  (await forTenant(tenantId, listSubscriptions)).map(({ planId, startsAt, endsAt }) => [
    planId,
    startsAt,
    endsAt,
  ]);

test("the desk puts a customer on a plan from a day on at prices of their own; what is left out is as the plan says", async () => {
  const overrides = { base: "5", meters: rows("0.05") };
  expect((await start({ planId: small, startsOn: "2026-01-01", overrides })).status).toBe(200);
  await use(tenantId, "2026-01-10T12:00:00Z", 30);
  await runInvoices("2026-01", runDay("2026-01"));
  const [invoice] = await readInvoices(tenantId);
  // 5 a month and 20 rows beyond the included ones at 0.05.
  expect(invoice?.netMinor).toBe(600n);
  const { current } = await plansOfCustomer(tenantId, day("2026-02-10"));
  expect(current).toMatchObject({ name: small, overrides });
  expect(current?.sheet.meters["training.job"]?.tiers[0]?.unit_decimal).toBe("9");
});

test("a plan neither begins in billed time nor at or before the start of another", async () => {
  await start({ planId: small, startsOn: "2026-01-01" });
  await runInvoices("2026-01", runDay("2026-01"));
  const refusals = [
    [{ planId: large, startsOn: "2026-01-20" }, "startsOn"],
    [{ planId: large, startsOn: "2026-01-01" }, "startsOn"],
    [{ planId: "volume-of-nobody", startsOn: "2026-03-01" }, "planId"],
    [{ planId: large, startsOn: "2026-02-30" }, "startsOn"],
    [{ planId: large, startsOn: "2026-03-01", overrides: { base: "-1" } }, "overrides.base"],
  ] as const;
  for (const [body, param] of refusals) {
    const answer = await start(body);
    expect([answer.status, answer.body.error?.param]).toEqual([400, param]);
  }
  expect(await spans()).toEqual([[small, day("2026-01-01"), null]]);
});

// No suite bills months that far ahead.
test("of two changes at once one counts, and there is never a time with two plans", async () => {
  await start({ planId: small, startsOn: "2027-01-01" });
  const both = await Promise.all([large, small].map((planId) => start({ planId, startsOn: "2027-02-01" })));
  expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
  expect((await spans()).map(([, from, to]) => [from, to])).toEqual([
    [day("2027-01-01"), day("2027-02-01")],
    [day("2027-02-01"), null],
  ]);
});

test("where a plan was ended, the next one begins on that day or later, not within it", async () => {
  const id = await subscribe(tenantId, { planId: small, startsAt: day("2027-01-01") }, "test");
  await endSubscription(tenantId, id, day("2027-03-01"), "test");
  await expect(subscribe(tenantId, { planId: large, startsAt: day("2027-02-01") }, "test")).rejects.toThrow(
    /until 2027-03-01/,
  );
  await subscribe(tenantId, { planId: large, startsAt: day("2027-03-01") }, "test");
  expect(await spans()).toEqual([
    [small, day("2027-01-01"), day("2027-03-01")],
    [large, day("2027-03-01"), null],
  ]);
});

test("the desk ends the plan that is open, once, and no other", async () => {
  const first = await subscribe(tenantId, { planId: small, startsAt: day("2027-01-01") }, "test");
  const second = await subscribe(tenantId, { planId: large, startsAt: day("2027-02-01") }, "test");
  const end = (id: string, endsOn: string) =>
    ask(endPlan, {
      method: "PATCH",
      cookie: manager.cookie,
      params: { tenant: slug, id },
      body: { endsOn },
    });
  expect((await end(first, "2027-01-15")).status).toBe(404);
  expect((await end(second, "2027-02-01")).body.error?.param).toBe("endsOn");
  expect((await end(second, "2027-04-01")).status).toBe(200);
  expect((await end(second, "2027-05-01")).status).toBe(404);
  expect((await spans()).at(-1)).toEqual([large, day("2027-02-01"), day("2027-04-01")]);
});

test("nobody but the assigned changes the plan of a customer", async () => {
  const other = await createStaff({ email: `${unique("am")}@graft.test`, role: "account_manager" });
  const body = { planId: small, startsOn: "2026-01-01" };
  expect((await start(body, await cookieOf(await openSession(other.userId)))).status).toBe(404);
  expect((await start(body, (await createPerson()).cookie)).status).toBe(404);
  expect(await spans()).toEqual([]);
});
