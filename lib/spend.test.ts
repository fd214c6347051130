import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { createBuyer, offer, openShop, use } from "./billing.fixture";
import { currentSpend } from "./spend";
import { subscribe } from "./subscriptions";
import { freeOfMonth } from "./usage";

const sheet = (base: string, unit_decimal: string) => ({
  base,
  meters: { "inference.row": { included: "0", tiers: [{ up_to: null, unit_decimal }] } },
});
beforeAll(async () => {
  await openShop();
  await offer("spend-small", sheet("0", "0.01"));
  await offer("spend-large", sheet("30.00", "0.02"));
});
afterAll(closePools);

test("a month that a change of plan cut is shown whole, and only it", async () => {
  const tenantId = await createBuyer();
  await subscribe(tenantId, { planId: "spend-small", startsAt: new Date("2026-03-01") }, "test");
  await subscribe(tenantId, { planId: "spend-large", startsAt: new Date("2026-04-16") }, "test");
  await use(tenantId, "2026-03-31T23:00:00Z", 1000);
  await use(tenantId, "2026-04-02T10:00:00Z", 100);
  await use(tenantId, "2026-04-20T10:00:00Z", 100);
  const at = (day: string) => currentSpend(tenantId, new Date(day));
  // Half of April's fee, and 100 rows at two cents.
  expect(await at("2026-04-26")).toMatchObject({ netMinor: 1700n, monthMinor: 1800n });
  expect(await at("2026-04-10")).toMatchObject({ netMinor: 100n, monthMinor: 100n });
  expect(await at("2026-05-02")).toMatchObject({ netMinor: 3000n, monthMinor: 3000n });
});

test("what was free is told by its reason, of this month and this customer", async () => {
  const [tenantId, other] = [await createBuyer(), await createBuyer()];
  const free = (whose: string, at: string, rows: number, reason: string) =>
    use(whose, at, rows, { isBillable: false, reason });
  await free(tenantId, "2026-04-02T10:00:00Z", 3, "console");
  await free(tenantId, "2026-04-30T23:59:59Z", 4, "console");
  await free(tenantId, "2026-04-02T10:00:00Z", 1, "probe");
  await free(tenantId, "2026-05-01T00:00:00Z", 9, "console");
  await free(other, "2026-04-02T10:00:00Z", 9, "console");
  await use(tenantId, "2026-04-02T10:00:00Z", 100);
  expect(await freeOfMonth(tenantId, new Date("2026-04-15"))).toEqual([
    { reason: "console", quantity: "7" },
    { reason: "probe", quantity: "1" },
  ]);
});
