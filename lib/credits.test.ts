import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { forTenant } from "@/db/tenant";
import { createBuyer, offer, openShop, profile } from "./billing.fixture";
import { saveProfile } from "./billing-profiles";
import { issueCreditNote } from "./credit-notes";
import { creditViews, spread } from "./credits";
import { discardDraft } from "./held-drafts";
import { runInvoices } from "./invoice-run";
import { linesOfInvoice, readInvoices } from "./invoices";
import { least } from "./money";
import { recordPayment } from "./payments";
import { unique } from "./people.fixture";
import { runDay } from "./periods";
import { buyCredit, grantCredit, withdrawCredit } from "./prepaid";
import { subscribe } from "./subscriptions";

/** A fee of 10 a month, 11.90 with tax. */
let tenantId: string;
beforeAll(async () => {
  await openShop();
  await offer("credited", { base: "10", meters: {} });
});
beforeEach(async () => {
  tenantId = await createBuyer();
  await subscribe(tenantId, { planId: "credited", startsAt: new Date("2026-01-01T00:00:00Z") }, "test");
});
afterAll(closePools);

const AT = new Date("2026-01-15T00:00:00Z");
const grant = (amountMinor: bigint, throughMonth: string | null = null, now = AT) =>
  grantCredit(tenantId, { amountMinor, reason: "A slow day", throughMonth }, "test", now);
const run = async (month: string) => {
  await runInvoices(month, runDay(month));
  const made = (await readInvoices(tenantId)).find((one) => one.month === month && one.state !== "discarded");
  if (!made) throw new Error(`no invoice of ${month}`);
  return made;
};
const sums = async (month: string) => {
  const { netMinor, taxMinor, state } = await run(month);
  return [Number(netMinor), Number(taxMinor), state];
};
const left = async () =>
  (await forTenant(tenantId, creditViews)).map(({ leftMinor, liveAt }) => [
    Number(leftMinor),
    liveAt !== null,
  ]);

test("a credit lessens what months cost, before tax, until it is used up, and a second run uses no more", async () => {
  await grant(1400n);
  expect(await sums("2026-01")).toEqual([0, 0, "paid"]);
  expect(await sums("2026-01")).toEqual([0, 0, "paid"]);
  const february = await run("2026-02");
  expect([february.netMinor, february.taxMinor]).toEqual([600n, 114n]);
  const lines = await forTenant(tenantId, (tx) => linesOfInvoice(tx, february.id));
  expect(lines.at(-1)).toMatchObject({
    text: { is: "credit", values: { reason: "A slow day" } },
    amountMinor: -400n,
  });
  expect(await sums("2026-03")).toEqual([1000, 190, "issued"]);
  expect(await left()).toEqual([[0, true]]);
});

test("what ends first is used first, what has ended is not, and what begins later waits", async () => {
  await grant(300n);
  await grant(500n, "2026-01");
  await grant(900n, "2025-12");
  await grant(100n, null, new Date("2026-03-01T00:00:00Z"));
  expect(await sums("2026-01")).toEqual([200, 38, "issued"]);
  expect(await left()).toEqual([
    [0, true],
    [0, true],
    [900, true],
    [100, true],
  ]);
});

test("two runs at once use a credit once", async () => {
  await grant(600n);
  await Promise.all([run("2026-01"), runInvoices("2026-01", runDay("2026-01"))]);
  expect(await sums("2026-01")).toEqual([400, 76, "issued"]);
  expect(await left()).toEqual([[0, true]]);
});

test("a draft that is thrown away gives back what it used", async () => {
  await saveProfile(tenantId, profile({ isPoRequired: true }), "test");
  await grant(600n);
  const draft = await run("2026-01");
  expect([draft.state, await left()]).toEqual(["draft", [[0, true]]]);
  await discardDraft(tenantId, draft.id, "test");
  expect(await left()).toEqual([[600, true]]);
  await saveProfile(tenantId, profile(), "test");
  expect(await sums("2026-01")).toEqual([400, 76, "issued"]);
});

test("a bought credit is taxed when it is sold, counts when it is paid, and is not taxed again", async () => {
  const { invoice } = await buyCredit(tenantId, 5000n, "test", AT);
  expect([invoice.netMinor, invoice.taxMinor, invoice.state]).toEqual([5000n, 950n, "issued"]);
  expect(await sums("2026-01")).toEqual([1000, 190, "issued"]);
  const money = {
    provider: "bank" as const,
    currency: "EUR",
    receivedOn: "2026-02-10",
    invoiceId: invoice.id,
  };
  await recordPayment(tenantId, { ...money, providerId: unique("part"), amountMinor: 5000n }, "test");
  expect(await left()).toEqual([[5000, false]]);
  await recordPayment(tenantId, { ...money, providerId: unique("rest"), amountMinor: 950n }, "test");
  expect(await left()).toEqual([[5000, true]]);
});

test("what is taken back of a sale is no credit any more, and what was used of it is not taken back", async () => {
  const { credit, invoice } = await buyCredit(tenantId, 2000n, "test", new Date("2026-01-02T00:00:00Z"));
  const take = (amountMinor: bigint) =>
    issueCreditNote(
      tenantId,
      invoice.id,
      { lines: [{ key: `prepaid/${credit.id}`, amountMinor }], reason: "x" },
      "test",
    );
  await take(500n);
  expect(await left()).toEqual([[1500, false]]);
  await take(1500n);
  // Settled by credit notes, not by money: nothing was bought.
  expect(await left()).toEqual([[0, false]]);
});

test("a refused credit names what is wrong", async () => {
  await expect(grant(0n)).rejects.toThrow(/more than nothing/);
  await expect(grant(1n, "2026-13")).rejects.toThrow(/2026-03/);
  await expect(buyCredit(tenantId, -1n, "test")).rejects.toThrow(/more than nothing/);
});

test("spread: no credit pays more than is left of it, none is passed over, together never more than the sum", () => {
  const credits = fc.array(fc.bigInt({ min: -5n, max: 1000n }), { maxLength: 8 });
  fc.assert(
    fc.property(credits, fc.bigInt({ min: -100n, max: 5000n }), (amounts, sum) => {
      const all = amounts.map((leftMinor, n) => ({
        id: `${n}`,
        kind: "granted" as const,
        reason: "",
        leftMinor,
      }));
      const paid = spread(all, sum);
      const total = paid.reduce((of, { amountMinor }) => of + amountMinor, 0n);
      const there = amounts.reduce((of, one) => (one > 0n ? of + one : of), 0n);
      expect(total).toBe(sum <= 0n ? 0n : least(there, sum));
      for (const { credit, amountMinor } of paid) {
        expect(amountMinor > 0n && amountMinor <= credit.leftMinor).toBe(true);
        // Whoever is not the last one pays all that it has.
        if (credit !== paid.at(-1)?.credit) expect(amountMinor).toBe(credit.leftMinor);
      }
    }),
  );
});

test("what is left of a granted credit can be withdrawn, what was used stays; a bought one goes by a credit note", async () => {
  const { id } = await grant(1400n);
  await run("2026-01");
  await withdrawCredit(tenantId, id, "test");
  expect(await left()).toEqual([[0, true]]);
  expect(await sums("2026-02")).toEqual([1000, 190, "issued"]);
  const { credit } = await buyCredit(tenantId, 100n, "test");
  await expect(withdrawCredit(tenantId, credit.id, "test")).rejects.toMatchObject({ code: "state_conflict" });
  await expect(withdrawCredit(tenantId, "crd_none", "test")).rejects.toMatchObject({ code: "not_found" });
});
