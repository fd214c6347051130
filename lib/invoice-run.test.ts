import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { billingPeriods, invoices } from "@/db/schema/billing";
import { forTenant } from "@/db/tenant";
import { createBuyer, offer, openShop, profile, use } from "./billing.fixture";
import { saveProfile } from "./billing-profiles";
import { runInvoices } from "./invoice-run";
import { INVOICE_MOVES, type InvoiceState, linesOfInvoice, listInvoices, moveInvoice } from "./invoices";
import { runDay } from "./periods";
import { endSubscription, subscribe } from "./subscriptions";

const at = (text: string) => new Date(`${text}Z`);
const row = (unit: string) => ({ included: "100", tiers: [{ up_to: null, unit_decimal: unit }] });
beforeAll(async () => {
  await openShop();
  await offer("small", { base: "10", meters: { "inference.row": row("0.02") } });
  await offer("large", { base: "100", meters: { "inference.row": row("0.01") } });
  await offer("free", { base: "0", meters: {} });
  await offer("committed", {
    base: "0",
    meters: { "inference.row": { included: "0", tiers: [{ up_to: null, unit_decimal: "1" }] } },
    commitment: { amount: "100", months: 2 },
  });
});
afterAll(closePools);

let tenantId = "";
beforeEach(async () => {
  tenantId = await createBuyer();
});
const run = (month: string) => runInvoices(month, runDay(month));
const billed = async () => {
  const all = await forTenant(tenantId, (tx) => listInvoices(tx));
  return all.reverse().map(({ month, state, netMinor, taxMinor, totalMinor }) => ({
    month,
    state,
    net: Number(netMinor),
    tax: Number(taxMinor),
    total: Number(totalMinor),
  }));
};
const lines = async () => {
  const [invoice] = await forTenant(tenantId, (tx) => listInvoices(tx));
  const found = await forTenant(tenantId, (tx) => linesOfInvoice(tx, invoice?.id ?? ""));
  return found.map(({ text, quantity, amountMinor }) => [text.is, Number(quantity), Number(amountMinor)]);
};

test("a month is invoiced once, whatever runs at once or again, with consecutive numbers and a due day", async () => {
  await subscribe(tenantId, { planId: "small", startsAt: at("2026-01-01T00:00:00") }, "test");
  await use(tenantId, "2026-01-10T12:00:00Z", 150);
  await use(tenantId, "2026-01-31T23:59:59.999Z", 1);
  await use(tenantId, "2026-02-01T00:00:00Z", 1000);
  await use(tenantId, "2026-01-11T12:00:00Z", 500, { isBillable: false, reason: "console" });
  await Promise.all([run("2026-01"), run("2026-01"), run("2026-01")]);
  await run("2026-01");
  expect(await billed()).toEqual([{ month: "2026-01", state: "issued", net: 1102, tax: 209, total: 1311 }]);
  expect(await lines()).toEqual([
    ["base", 1, 1000],
    ["included", 100, 0],
    ["usage", 51, 102],
  ]);
  const [invoice] = await forTenant(tenantId, (tx) => listInvoices(tx));
  expect(invoice).toMatchObject({ dueOn: "2026-02-18", issuedAt: at("2026-02-04T00:00:00") });
  const other = await createBuyer();
  await subscribe(other, { planId: "small", startsAt: at("2026-01-01T00:00:00") }, "test");
  await run("2026-01");
  const [next] = await forTenant(other, (tx) => listInvoices(tx));
  const numberOf = (text: string | null | undefined) => Number(/^INV-(\d{6})$/.exec(text ?? "")?.[1]);
  expect(numberOf(next?.number)).toBe(numberOf(invoice?.number) + 1);
});

test("a run does not begin before the month's usage is closed", async () => {
  await expect(runInvoices("2026-01", at("2026-02-03T23:59:59"))).rejects.toThrow(/not closed before/);
});

test("an upgrade cuts the month: each part has its share of fee and included volume, to the second", async () => {
  await subscribe(tenantId, { planId: "small", startsAt: at("2026-04-01T00:00:00") }, "test");
  await use(tenantId, "2026-04-16T05:29:59.999Z", 60);
  await use(tenantId, "2026-04-16T05:30:00Z", 60);
  // Neither at midnight nor at a full hour.
  await subscribe(tenantId, { planId: "large", startsAt: at("2026-04-16T05:30:00") }, "test");
  await run("2026-04");
  // 15.229 of 30 days: 51 of 100 rows and 50 of 100, both rounded up.
  expect(await lines()).toEqual([
    ["base", 1, 508],
    ["included", 51, 0],
    ["usage", 9, 18],
    ["base", 1, 4924],
    ["included", 50, 0],
    ["usage", 10, 10],
  ]);
});

test("a plan of some minutes is billed like any other: no whole hour lies in its period", async () => {
  await subscribe(tenantId, { planId: "small", startsAt: at("2026-01-31T23:55:50") }, "test");
  await use(tenantId, "2026-01-31T23:57:00Z", 150);
  await run("2026-01");
  // 250 of 2,678,400 seconds of fee and of what is included, which is one row then.
  expect(await billed()).toMatchObject([{ month: "2026-01", net: 298 }]);
});

test("late usage of a month that is billed comes with the next invoice, at that month's prices", async () => {
  await subscribe(tenantId, { planId: "small", startsAt: at("2026-01-01T00:00:00") }, "test");
  await use(tenantId, "2026-01-10T12:00:00Z", 90);
  await run("2026-01");
  await subscribe(tenantId, { planId: "large", startsAt: at("2026-02-01T00:00:00") }, "test");
  await use(tenantId, "2026-01-30T12:00:00Z", 30, { recordedAt: "2026-02-10T00:00:00Z" });
  await use(tenantId, "2026-01-31T12:00:00Z", 5, { recordedAt: "2026-02-11T00:00:00Z" });
  await use(tenantId, "2026-01-01T12:00:00Z", 7, { recordedAt: "2026-02-20T00:00:00Z" });
  await run("2026-02");
  // 90 of 100 included then: 10 of the 35 are, and what came more than 35 days late is free.
  expect(await lines()).toEqual([
    ["base", 1, 10_000],
    ["late", 25, 50],
  ]);
});

test("a free plan without charges makes no invoice, and its time is dealt with", async () => {
  await subscribe(tenantId, { planId: "free", startsAt: at("2026-01-01T00:00:00") }, "test");
  expect(await run("2026-01")).toMatchObject({ issued: 0, left: 0 });
  expect(await billed()).toEqual([]);
  const [period] = await forTenant(tenantId, (tx) => tx.select(billingPeriods));
  expect(period?.closedAt).not.toBeNull();
});

test("an invoice that needs a purchase order waits as a draft and says so", async () => {
  await saveProfile(tenantId, profile({ isPoRequired: true }), "test");
  await subscribe(tenantId, { planId: "small", startsAt: at("2026-01-01T00:00:00") }, "test");
  await run("2026-01");
  const [invoice] = await forTenant(tenantId, (tx) => tx.select(invoices));
  expect(invoice).toMatchObject({ state: "draft", number: null, heldBecause: "po_missing" });
});

test("reverse charge with an id that nobody verified is taxed as standard", async () => {
  await saveProfile(tenantId, profile({ taxStatus: "reverse_charge", taxId: "ATU12345678" }), "test");
  await subscribe(tenantId, { planId: "small", startsAt: at("2026-01-01T00:00:00") }, "test");
  await run("2026-01");
  expect(await billed()).toMatchObject([{ net: 1000, tax: 190 }]);
});

test("a commitment is made up at the end of each term, and not before", async () => {
  await subscribe(tenantId, { planId: "committed", startsAt: at("2026-01-01T00:00:00") }, "test");
  for (const month of ["01", "02", "03", "04"]) {
    await use(tenantId, `2026-${month}-10T00:00:00Z`, month === "03" ? 90 : 30);
    await run(`2026-${month}`);
  }
  expect((await billed()).map(({ net }) => net)).toEqual([3000, 3000 + 4000, 9000, 3000]);
});

test("a term from the last day of a month ends on the last day of a shorter one, and the next in step with the first", async () => {
  await subscribe(tenantId, { planId: "committed", startsAt: at("2025-12-31T00:00:00") }, "test");
  for (const month of ["2026-01", "2026-02", "2026-03", "2026-04"]) {
    await use(tenantId, `${month}-10T00:00:00Z`, 30);
    await run(month);
  }
  // December's only day cost nothing; terms end on February 28 and April 30.
  expect((await billed()).map(({ month, net }) => [month, net])).toEqual([
    ["2026-01", 3000],
    ["2026-02", 3000 + 4000],
    ["2026-03", 3000],
    ["2026-04", 3000 + 4000],
  ]);
});

test("a plan neither begins nor ends in time that is billed, and never twice at once", async () => {
  const id = await subscribe(tenantId, { planId: "small", startsAt: at("2026-01-01T00:00:00") }, "test");
  await run("2026-01");
  const begin = (startsAt: string) =>
    subscribe(tenantId, { planId: "large", startsAt: at(startsAt) }, "test").then(
      () => "begun",
      (error: Error) => error.message,
    );
  expect(await begin("2026-01-15T00:00:00")).toMatch(/billed already/);
  await expect(endSubscription(tenantId, id, at("2026-01-31T00:00:00"), "test")).rejects.toThrow(
    /billed already/,
  );
  const both = await Promise.all([begin("2026-02-10T00:00:00"), begin("2026-02-10T00:00:00")]);
  expect(both.sort()).toEqual([expect.stringMatching(/begins after the one before it/), "begun"]);
});

test("a contract has one currency", async () => {
  await expect(saveProfile(tenantId, profile({ currency: "USD" }), "test")).rejects.toThrow(/one currency/);
  await expect(saveProfile(tenantId, profile({ taxId: "12345" }), "test")).rejects.toThrow();
});

test("an invoice moves as its table says and no other way", async () => {
  await subscribe(tenantId, { planId: "small", startsAt: at("2026-01-01T00:00:00") }, "test");
  await run("2026-01");
  const states = Object.keys(INVOICE_MOVES) as InvoiceState[];
  const [invoice] = await forTenant(tenantId, (tx) => tx.select(invoices));
  const id = invoice?.id ?? "";
  for (const from of states)
    for (const to of states) {
      await forTenant(tenantId, (tx) => tx.update(invoices, { state: from }, eq(invoices.id, id)));
      const moved = await forTenant(tenantId, (tx) => moveInvoice(tx, id, to)).then(
        () => true,
        () => false,
      );
      expect(moved, `${from} to ${to}`).toBe((INVOICE_MOVES[from] as readonly string[]).includes(to));
    }
});
