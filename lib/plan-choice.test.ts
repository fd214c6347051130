import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { forTenant } from "@/db/tenant";
import { createBuyer, openShop } from "./billing.fixture";
import { unique } from "./people.fixture";
import { choosePlan, offeredPlans } from "./plan-choice";
import { addPriceSheet, savePlan } from "./plans";
import { listSubscriptions, subscribe } from "./subscriptions";

/** A currency of this suite's own: plans belong to the whole installation. */
const CURRENCY = "DKK";
const [small, large, committed] = [unique("small"), unique("large"), unique("committed")];
const NOW = new Date("2026-03-10T12:00:00Z");

beforeAll(async () => {
  await openShop();
  const add = async (planId: string, base: string, more: object = {}) => {
    await savePlan({ id: planId, name: planId, isPublic: true });
    const sheet = { base, meters: {}, ...more };
    await addPriceSheet(planId, { currency: CURRENCY, sheet, effectiveFrom: "2026-01-01" }, "test");
  };
  await add(small, "9.5");
  await add(large, "10");
  await add(committed, "0", { commitment: { amount: "100", months: 12 } });
});
afterAll(closePools);

let tenantId = "";
beforeEach(async () => {
  tenantId = await createBuyer({ currency: CURRENCY });
});
const subscriptions = async () =>
  (await forTenant(tenantId, listSubscriptions)).map(({ planId, startsAt, endsAt }) => [
    planId,
    startsAt,
    endsAt,
  ]);
const NEXT = new Date("2026-04-01T00:00:00Z");

test("a first plan begins at once, a dearer one cuts the period, a cheaper one waits for the next month", async () => {
  expect((await offeredPlans(tenantId, NOW)).map(({ id }) => id).sort()).toEqual(
    [committed, large, small].sort(),
  );
  await choosePlan(tenantId, small, "usr_owner", NOW);
  const later = new Date("2026-03-12T00:00:00Z");
  await choosePlan(tenantId, large, "usr_owner", later);
  expect(await choosePlan(tenantId, small, "usr_owner", new Date("2026-03-20T00:00:00Z"))).toEqual({
    startsAt: NEXT,
  });
  expect(await subscriptions()).toEqual([
    [small, NOW, later],
    [large, later, NEXT],
    [small, NEXT, null],
  ]);
});

test("of two choices at once one counts; the plan one has, and one that is not offered, are refused", async () => {
  const both = await Promise.allSettled([
    choosePlan(tenantId, small, "usr_owner", NOW),
    choosePlan(tenantId, large, "usr_owner", NOW),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const [[mine] = []] = await subscriptions();
  await expect(choosePlan(tenantId, String(mine), "usr_owner", NEXT)).rejects.toMatchObject({
    code: "already_exists",
  });
  await expect(choosePlan(tenantId, "volume-of-others", "usr_owner", NOW)).rejects.toMatchObject({
    code: "not_found",
  });
});

test("who has agreed on a term does not leave it by a click", async () => {
  await subscribe(tenantId, { planId: committed, startsAt: NOW }, "usr_am");
  await expect(choosePlan(tenantId, large, "usr_owner", NEXT)).rejects.toThrow(/term that was agreed/);
});
