import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { PATCH as change } from "@/app/api/operations/plans/[id]/route";
import { POST as addSheet } from "@/app/api/operations/plans/[id]/sheets/route";
import { POST as create } from "@/app/api/operations/plans/route";
import { closePools } from "@/db/index";
import { createBuyer, openShop } from "./billing.fixture";
import { runInvoices } from "./invoice-run";
import { ask, cookieOf, unique } from "./people.fixture";
import { runDay } from "./periods";
import { addPriceSheet, createPlan, findPlan } from "./plans";
import { priceLinesOf, publicPrices, timesThousand } from "./public-prices";
import { openSession } from "./session";
import { createStaff } from "./staff";
import { subscribe } from "./subscriptions";

/** A currency of this suite's own: plans belong to the whole installation. */
const CURRENCY = "SEK";
const NOW = new Date("2026-03-10T12:00:00Z");
const sheet = (base: string) => ({ base, meters: {} });

let operator = "";
beforeAll(async () => {
  await openShop();
  const { userId } = await createStaff({ email: `${unique("op")}@graft.test`, role: "operator" });
  operator = await cookieOf(await openSession(userId));
});
afterAll(closePools);

let plan = "";
beforeEach(async () => {
  plan = unique("plan");
  await createPlan({ id: plan, name: plan, isPublic: true }, "test");
});
const add = (effectiveFrom: string, base: string, currency = CURRENCY) =>
  addPriceSheet(plan, { currency, effectiveFrom, sheet: sheet(base) }, "test");
const offered = async (at = NOW) =>
  (await publicPrices(at))
    .find(({ currency }) => currency === CURRENCY)
    ?.plans.filter(({ id }) => id === plan)
    .map((one) => one.sheet.base) ?? [];

test("visitors see what a public plan costs today: not yesterday's price, not tomorrow's, not a hidden one", async () => {
  await add("2026-01-01", "9");
  await add("2026-03-10", "10");
  await add("2026-03-11", "11");
  expect(await offered()).toEqual(["10"]);
  expect(await offered(new Date("2026-03-11T00:00:00Z"))).toEqual(["11"]);
  expect(await offered(new Date("2025-12-31T23:59:59Z"))).toEqual([]);
  const hidden = await ask(change, {
    method: "PATCH",
    cookie: operator,
    params: { id: plan },
    body: { isPublic: false },
  });
  expect(hidden.status).toBe(200);
  expect(await offered()).toEqual([]);
});

test("a plan is made once, and prices of a day are there once, whoever asks at once", async () => {
  const body = { id: unique("twice"), name: "Twice", isPublic: false };
  const made = await Promise.all([1, 2].map(() => ask(create, { method: "POST", cookie: operator, body })));
  expect(made.map(({ status }) => status).sort()).toEqual([200, 409]);
  const both = await Promise.allSettled([add("2026-05-01", "1"), add("2026-05-01", "2")]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect((await findPlan(plan)).sheets).toHaveLength(1);
});

test("a sheet that is no sheet is refused by the field that is wrong, and so is a plan that is not there", async () => {
  const send = (body: unknown, id = plan) =>
    ask(addSheet, { method: "POST", cookie: operator, params: { id }, body });
  const whole = { currency: CURRENCY, effectiveFrom: "2026-06-01", sheet: sheet("1") };
  const falling = [
    { up_to: "100", unit_decimal: "1" },
    { up_to: "50", unit_decimal: "1" },
    { up_to: null, unit_decimal: "1" },
  ];
  for (const [param, body] of [
    ["currency", { ...whole, currency: "XYZ" }],
    ["effectiveFrom", { ...whole, effectiveFrom: "2026-02-30" }],
    ["sheet.base", { ...whole, sheet: sheet("-1") }],
    [
      "sheet.meters.inference.row.tiers",
      { ...whole, sheet: { base: "1", meters: { "inference.row": { included: "0", tiers: falling } } } },
    ],
    [
      "sheet.commitment.months",
      { ...whole, sheet: { ...sheet("1"), commitment: { amount: "1", months: 0 } } },
    ],
  ] as const)
    expect((await send(body)).body.error?.param).toBe(param);
  expect((await send(whole, "nothing")).status).toBe(404);
  expect((await send(whole)).status).toBe(200);
});

test("prices do not begin in time that is billed; who is on a plan is counted by the prices that they keep", async () => {
  await add("2026-01-01", "10");
  const tenantId = await createBuyer({ currency: CURRENCY });
  await subscribe(tenantId, { planId: plan, startsAt: new Date("2026-01-01T00:00:00Z") }, "test");
  await runInvoices("2026-01", runDay("2026-01"));
  await expect(add("2026-01-31", "20")).rejects.toThrow(/is billed until 2026-02-01/);
  await expect(add("2026-01-15", "20", "NOK")).resolves.toMatch(/./);
  await add("2026-02-01", "20");
  const { tenants, sheets } = await findPlan(plan);
  expect(tenants).toBe(1);
  expect(sheets.map(({ effectiveFrom, tenants: on }) => [effectiveFrom, on])).toEqual([
    ["2026-02-01", 0],
    ["2026-01-15", 0],
    ["2026-01-01", 1],
  ]);
});

test("a visitor reads exact prices: of a thousand rows, and bounds that count what is included", () => {
  expect(["0.0008", "0.000000000001", "0", "1", "0.5", "12.3456", "0.0010"].map(timesThousand)).toEqual([
    ...["0.8", "0.000000001", "0", "1000", "500", "12345.6", "1"],
  ]);
  const tiers = [
    { up_to: "1000", unit_decimal: "0.002" },
    { up_to: null, unit_decimal: "0.001" },
  ];
  const training = { included: "0", tiers: [{ up_to: null, unit_decimal: "9.50" }] };
  const meters = { "inference.row": { included: "500", tiers }, "training.job": training };
  expect(
    priceLinesOf({ base: "1", meters }).map(({ from, to, decimal }) => [
      Number(from),
      to && Number(to),
      decimal,
    ]),
  ).toEqual([
    [0, 500, null],
    [500, 1500, "2"],
    [1500, null, "1"],
    [0, null, "9.50"],
  ]);
});
