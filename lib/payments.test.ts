import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { forTenant } from "@/db/tenant";
import { createBuyer, offer, openShop, use } from "./billing.fixture";
import { issueCreditNote, notesOf } from "./credit-notes";
import { runInvoices } from "./invoice-run";
import { type Invoice, linesOfInvoice, readInvoices } from "./invoices";
import { recordPayment } from "./payments";
import { unique } from "./people.fixture";
import { runDay } from "./periods";
import { balanceMinor } from "./settlements";
import { subscribe } from "./subscriptions";

beforeAll(async () => {
  await openShop();
  await offer("plain", {
    base: "10",
    meters: { "inference.row": { included: "0", tiers: [{ up_to: null, unit_decimal: "0.01" }] } },
  });
});
afterAll(closePools);

let tenantId = "";
/** Two invoices: 10 and 3.33 before tax, 15.86 with it; and 10 before, 11.90 with it. */
beforeEach(async () => {
  tenantId = await createBuyer();
  await subscribe(tenantId, { planId: "plain", startsAt: new Date("2026-01-01T00:00:00Z") }, "test");
  await use(tenantId, "2026-01-10T12:00:00Z", 333);
  for (const month of ["2026-01", "2026-02"]) await runInvoices(month, runDay(month));
});
const all = async (): Promise<Invoice[]> => (await readInvoices(tenantId)).reverse();
const states = async () => (await all()).map(({ state, settledMinor }) => [state, Number(settledMinor)]);
const balance = async () => Number(await forTenant(tenantId, balanceMinor));
const pay = (amountMinor: bigint, more: Partial<Parameters<typeof recordPayment>[1]> = {}) =>
  recordPayment(
    tenantId,
    {
      provider: "bank",
      providerId: unique("transfer"),
      currency: "EUR",
      amountMinor,
      receivedOn: "2026-03-01",
      ...more,
    },
    "test",
  );

test("a payment pays the oldest invoices first, in parts, and what is too much is kept", async () => {
  await pay(1000n);
  expect(await states()).toEqual([
    ["part_paid", 1000],
    ["issued", 0],
  ]);
  await pay(686n);
  expect(await states()).toEqual([
    ["paid", 1586],
    ["part_paid", 100],
  ]);
  await pay(2000n);
  expect(await states()).toEqual([
    ["paid", 1586],
    ["paid", 1190],
  ]);
  expect(await balance()).toBe(910);
});

test("what was paid too much, or credited after it was paid, settles the next invoice", async () => {
  await pay(1586n + 1190n + 100n);
  await credit([500n]);
  expect(await balance()).toBe(100 + 595);
  await runInvoices("2026-03", runDay("2026-03"));
  expect((await states()).at(-1)).toEqual(["part_paid", 695]);
  expect(await balance()).toBe(0);
  await runInvoices("2026-04", runDay("2026-04"));
  expect((await states()).at(-1)).toEqual(["issued", 0]);
});

test("a payment that names an invoice pays that one first", async () => {
  const [, second] = await all();
  await pay(1190n, { invoiceId: second?.id ?? "" });
  expect(await states()).toEqual([
    ["issued", 0],
    ["paid", 1190],
  ]);
});

test("the same reference again, at once or later, is one payment; with another amount it is refused", async () => {
  const again = () => pay(500n, { provider: "stripe", providerId: "pi_1" });
  const paid = await Promise.all([again(), again(), again()]);
  expect(new Set(paid.map(({ id }) => id)).size).toBe(1);
  await again();
  expect(await states()).toMatchObject([
    ["part_paid", 500],
    ["issued", 0],
  ]);
  await expect(pay(501n, { provider: "stripe", providerId: "pi_1" })).rejects.toThrow(/another payment/);
});

test("money of another currency, nothing and less than nothing are refused, and leave nothing behind", async () => {
  await expect(pay(100n, { currency: "USD" })).rejects.toThrow(/EUR, not in USD/);
  await expect(pay(0n)).rejects.toThrow(/more than nothing/);
  await expect(pay(-5n)).rejects.toThrow(/more than nothing/);
  expect(await balance()).toBe(0);
  expect(await states()).toMatchObject([
    ["issued", 0],
    ["issued", 0],
  ]);
});

const credit = async (amounts: readonly bigint[]) => {
  const [invoice] = await all();
  const lines = await forTenant(tenantId, (tx) => linesOfInvoice(tx, invoice?.id ?? ""));
  const wanted = amounts.flatMap((amountMinor, i) =>
    amountMinor > 0n ? [{ key: lines[i]?.key ?? "", amountMinor }] : [],
  );
  return issueCreditNote(tenantId, invoice?.id ?? "", { lines: wanted, reason: "test" }, "test");
};

test("credit notes take back parts of lines, and all of them together are the invoice to the last minor unit", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.bigInt(0n, 400n), fc.bigInt(0n, 150n)), { maxLength: 5 }),
      async (parts) => {
        tenantId = await createBuyer();
        await subscribe(tenantId, { planId: "plain", startsAt: new Date("2026-01-01T00:00:00Z") }, "test");
        await use(tenantId, "2026-01-10T12:00:00Z", 333);
        await runInvoices("2026-01", runDay("2026-01"));
        const left = [1000n, 333n];
        const steps = [
          ...parts.map((part) => part.map((amount, i) => (amount < (left[i] ?? 0n) ? amount : 0n))),
        ];
        for (const step of steps) {
          if (step.every((amount) => amount === 0n) || step.some((amount, i) => amount > (left[i] ?? 0n)))
            continue;
          await credit(step);
          for (const [i, amount] of step.entries()) left[i] = (left[i] ?? 0n) - amount;
        }
        if (left.some((amount) => amount > 0n)) await credit(left);
        const [invoice] = await all();
        const notes = await forTenant(tenantId, (tx) => notesOf(tx, invoice?.id ?? ""));
        const sum = (of: (note: (typeof notes)[number]) => bigint) =>
          notes.reduce((total, note) => total + of(note), 0n);
        expect(sum((note) => note.netMinor)).toBe(invoice?.netMinor);
        expect(sum((note) => note.taxMinor)).toBe(invoice?.taxMinor);
        expect(invoice).toMatchObject({ state: "paid", settledMinor: invoice?.totalMinor });
      },
    ),
    { numRuns: 12 },
  );
});

test("more than a line has left is never credited, not even by two at once", async () => {
  await expect(credit([1001n])).rejects.toThrow(/1000 left to credit/);
  const both = await Promise.allSettled([credit([600n]), credit([600n])]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  await expect(credit([401n])).rejects.toThrow(/400 left to credit/);
  await expect(credit([0n])).rejects.toThrow(/at least one line/);
});

test("credit notes have numbers of their own, without gaps where one was refused", async () => {
  const numberOf = ({ number }: { number: string }) => Number(number.replace("CN-", ""));
  const first = numberOf(await credit([100n]));
  await expect(credit([5000n])).rejects.toThrow();
  expect(numberOf(await credit([100n]))).toBe(first + 1);
});
