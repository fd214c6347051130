import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { createBuyer, openShop } from "./billing.fixture";
import { readInvoices } from "./invoices";
import { marginOf } from "./margin";
import { unique } from "./people.fixture";
import { createProject } from "./projects";
import { quoteLine, signedProject } from "./projects.fixture";
import { addRate, rateOn } from "./rate-card";
import { createTenant } from "./tenants";
import { addTime, removeTime } from "./time-entries";

const NOW = new Date("2026-03-05T12:00:00Z");
/** A currency of this suite's own: the card belongs to the whole installation. */
const CURRENCY = "NOK";
const rate = (costDecimal: string, validFrom: string, code: "hour" | "compute_hour" = "hour") =>
  addRate({ code, currency: CURRENCY, unitDecimal: "150", costDecimal, validFrom });

beforeAll(async () => {
  await openShop();
  await rate("70.5", "2026-01-01");
  await rate("80", "2026-03-01");
});
afterAll(closePools);

async function start() {
  const tenantId = await createBuyer({ currency: CURRENCY });
  const { id } = await createProject(tenantId, { title: "Letters" }, "usr_am");
  return { tenantId, id };
}
const spend = (tenantId: string, id: string, day: string, minutes: number, isBillable = true) =>
  addTime(tenantId, id, { day, minutes, isBillable, note: "" }, "usr_am", NOW);

test("a rate holds from its day on, and what holds is never changed", async () => {
  expect((await rateOn("hour", CURRENCY, "2026-02-28"))?.costDecimal).toBe("70.5");
  expect((await rateOn("hour", CURRENCY, "2026-03-01"))?.costDecimal).toBe("80");
  expect(await rateOn("hour", CURRENCY, "2025-12-31")).toBeNull();
  await expect(rate("1", "2026-01-01")).rejects.toMatchObject({ code: "already_exists" });
});

test("margin is what was billed less hours at the cost of their day, rounded once", async () => {
  const lines = [quoteLine("deposit", "1000")];
  const { tenantId, projectId: id } = await signedProject({ lines, signedAt: NOW, currency: CURRENCY });
  await spend(tenantId, id, "2026-02-28", 20);
  await spend(tenantId, id, "2026-03-01", 100, false);
  expect(await readInvoices(tenantId)).toHaveLength(1);
  // 20 minutes of 70.50 and 100 of 80: 23.50 + 133.33.
  expect(await marginOf(tenantId, id, NOW)).toMatchObject({
    ...{ billedMinor: 100_000n, hoursMinor: 15_683n, computeMinor: null, marginMinor: 84_317n },
    ...{ minutes: 120, billableMinutes: 20 },
  });
});

test("only its writer takes an entry back, and time lies neither ahead nor beyond a day", async () => {
  const { tenantId, id } = await start();
  const entry = await spend(tenantId, id, "2026-03-05", 30);
  await expect(removeTime(tenantId, entry.id, "usr_other")).rejects.toMatchObject({ code: "not_found" });
  await removeTime(tenantId, entry.id, "usr_am");
  expect((await marginOf(tenantId, id, NOW))?.minutes).toBe(0);
  await expect(spend(tenantId, id, "2026-03-07", 30)).rejects.toThrow(/has not come yet/);
  await expect(spend(tenantId, id, "2025-01-01", 30)).rejects.toThrow(/what an hour costs/);
});

test("without a billing profile there is no currency, so no time and no margin", async () => {
  const { tenantId } = await createTenant({ name: unique("New"), email: `${unique("new")}@margin.test` });
  const { id } = await createProject(tenantId, { title: "Letters" }, "usr_am");
  expect(await marginOf(tenantId, id)).toBeNull();
  await expect(spend(tenantId, id, "2026-03-05", 30)).rejects.toThrow(/billing profile/);
});
