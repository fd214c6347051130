import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { budgetLeases } from "@/db/schema/billing";
import { forTenant } from "@/db/tenant";
import { sheetsById } from "./billed-periods";
import { createBuyer, offer, openShop, use } from "./billing.fixture";
import { openBudgetRoom } from "./budget-room";
import { assertWithinBudget, leaseRows, saveBudget } from "./budgets";
import { monthStart, nextMonth } from "./periods";
import { currentSpend } from "./spend";
import { subscribe } from "./subscriptions";

beforeAll(async () => {
  await openShop();
  await offer("limited", {
    base: "0",
    meters: { "inference.row": { included: "50", tiers: [{ up_to: null, unit_decimal: "0.01" }] } },
  });
});
afterAll(closePools);

let tenantId = "";
/** 50 rows are included, the next ones cost a cent each. */
beforeEach(async () => {
  tenantId = await createBuyer();
  await subscribe(tenantId, { planId: "limited", startsAt: monthStart(new Date()) }, "test");
});
const limit = (hardMinor: number | null) => saveBudget(tenantId, { hardMinor }, "test");
const spent = async () => Number((await currentSpend(tenantId))?.netMinor);

/** A serving process: what it answers is recorded when its spool is flushed. */
function holder(freshMs = 5000) {
  let unrecorded = 0;
  const flush = async () => {
    const rows = unrecorded;
    unrecorded = 0;
    if (rows > 0) await use(tenantId, new Date().toISOString(), rows);
    return true;
  };
  const room = openBudgetRoom(flush, freshMs);
  const answer = async (rows: number): Promise<boolean> => {
    const release = await room
      .take(tenantId, { keyId: null, model: "ft:any" }, rows)
      .catch((error: { code?: string }) => {
        expect(error.code).toBe("spend_limit_reached");
        return null;
      });
    if (!release) return false;
    unrecorded += rows;
    release();
    return true;
  };
  return { answer, flush, room };
}

test("without a limit every call is answered", async () => {
  expect(await holder().answer(1_000_000)).toBe(true);
});

test("included rows cost nothing, and the last affordable row is the last one that is answered", async () => {
  await limit(30);
  let answered = 0;
  const process = holder();
  expect(await process.answer(81)).toBe(false);
  while (await process.answer(1)) answered++;
  await process.flush();
  expect([answered, await spent()]).toEqual([80, 30]);
});

test("holders that answer at once never pass the limit together, whatever the order", async () => {
  const call = fc.record({ by: fc.integer({ min: 0, max: 2 }), rows: fc.integer({ min: 1, max: 40 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { minLength: 5, maxLength: 25 }),
      fc.integer({ min: 0, max: 300 }),
      async (calls, hardMinor) => {
        tenantId = await createBuyer();
        await subscribe(tenantId, { planId: "limited", startsAt: monthStart(new Date()) }, "test");
        await limit(hardMinor);
        const holders = [holder(), holder(), holder()];
        await Promise.all(calls.map(({ by, rows }) => holders[by]?.answer(rows)));
        for (const { flush } of holders) await flush();
        expect(await spent()).toBeLessThanOrEqual(hardMinor);
      },
    ),
    { numRuns: 12 },
  );
});

test("a lease is at most a hundredth of the limit, and within it no database is asked", async () => {
  await limit(10_000);
  await use(tenantId, new Date().toISOString(), 50);
  const lease = await leaseRows(tenantId, {
    holder: "one",
    meter: "inference.row",
    needed: 1n,
    inFlight: 0n,
  });
  expect(lease.rows).toBe(100n);
  let flushes = 0;
  const room = openBudgetRoom(async () => ++flushes > 0, 60_000);
  for (let n = 0; n < 100; n++) (await room.take(tenantId, { keyId: null, model: "ft:any" }, 1))();
  expect(flushes).toBe(1);
  (await room.take(tenantId, { keyId: null, model: "ft:any" }, 1))();
  expect(flushes).toBe(2);
});

test("what a killed holder leased is free again when its lease has ended", async () => {
  await limit(10);
  await leaseRows(tenantId, { holder: "killed", meter: "inference.row", needed: 60n, inFlight: 0n });
  expect(await holder().answer(1)).toBe(false);
  await forTenant(tenantId, (tx) =>
    tx.update(budgetLeases, { expiresAt: new Date(Date.now() - 1000) }, sql`holder = 'killed'`),
  );
  expect(await holder().answer(60)).toBe(true);
});

test("a raised limit counts at once for whoever was refused, a lowered one when the lease is looked at", async () => {
  await limit(0);
  const process = holder(50);
  expect(await process.answer(51)).toBe(false);
  await limit(100);
  expect(await process.answer(51)).toBe(true);
  await limit(0);
  await expect.poll(() => process.answer(1)).toBe(false);
  await limit(null);
  expect(await process.answer(500)).toBe(true);
});

test("rows that were answered before there was a limit count to it", async () => {
  const process = holder(20);
  expect(await process.answer(60)).toBe(true);
  await limit(10);
  await expect.poll(() => process.answer(1)).toBe(false);
});

test("a training that the limit has no room for is refused, with leases counted", async () => {
  const sheets = await sheetsById();
  const order = () => forTenant(tenantId, (tx) => assertWithinBudget(tx, sheets, new Date(), "5.00"));
  await order();
  await limit(510);
  await order();
  await leaseRows(tenantId, { holder: "one", meter: "inference.row", needed: 61n, inFlight: 0n });
  await expect(order()).rejects.toMatchObject({ code: "spend_limit_reached", status: 429 });
});

test("a change of plan within the month does not begin the limit anew", async () => {
  const now = new Date();
  await limit(100);
  // As if the month were half over: 80 cents on the first plan, then another plan begins.
  await use(tenantId, monthStart(now).toISOString(), 130);
  const change = new Date(Math.max(monthStart(now).getTime() + 1000, now.getTime() - 1000));
  await subscribe(tenantId, { planId: "limited", startsAt: change }, "test");
  const spend = await currentSpend(tenantId);
  expect(Number(spend?.monthMinor) - Number(spend?.netMinor)).toBeGreaterThan(0);
  const before = Number(spend?.monthMinor);
  const process = holder();
  let answered = 0;
  while (await process.answer(1)) answered++;
  await process.flush();
  expect(Number((await currentSpend(tenantId))?.monthMinor)).toBe(100);
  expect(answered).toBeGreaterThanOrEqual(100 - before);
});

test("a lease of the old month answers nothing in the new one without asking again", async () => {
  await limit(10_000);
  const lease = await leaseRows(tenantId, {
    holder: "one",
    meter: "inference.row",
    needed: 1n,
    inFlight: 0n,
  });
  expect(lease.endsAt?.getTime()).toBe(nextMonth(monthStart(new Date())).getTime());
});

test("people are told before the limit, so the lower amount is not above it", async () => {
  await expect(saveBudget(tenantId, { softMinor: 11, hardMinor: 10 }, "test")).rejects.toMatchObject({
    code: "invalid_request",
    options: { param: "softMinor" },
  });
  await saveBudget(tenantId, { softMinor: 5, hardMinor: null }, "test");
  expect(await holder().answer(1_000_000)).toBe(true);
});
