import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { apiKeys } from "@/db/schema/people";
import { forTenant } from "@/db/tenant";
import { createBuyer, offer, openShop, use } from "./billing.fixture";
import { openBudgetRoom } from "./budget-room";
import { saveBudget } from "./budgets";
import { noticeLimits } from "./limit-notices";
import { mailsWith, unique } from "./people.fixture";
import { monthStart } from "./periods";
import { listRowLimits, saveRowLimit } from "./row-limits";
import { subscribe } from "./subscriptions";

beforeAll(async () => {
  await openShop();
  await offer("rows", {
    base: "0",
    meters: { "inference.row": { included: "0", tiers: [{ up_to: null, unit_decimal: "0.01" }] } },
  });
});
afterAll(closePools);

let tenantId = "";
let email = "";
let keyId = "";
beforeEach(async () => {
  email = `${unique("told")}@buyer.test`;
  tenantId = await createBuyer({ emails: [email] });
  await subscribe(tenantId, { planId: "rows", startsAt: monthStart(new Date()) }, "test");
  const [key] = await forTenant(tenantId, (tx) => tx.select(apiKeys, eq(apiKeys.isInternal, false)));
  keyId = String(key?.id);
});
const MODEL = "ft:base:rows::1";
const limit = (hardRows: number | null, softRows: number | null = null) =>
  saveRowLimit(tenantId, { scope: "key", subject: keyId, softRows, hardRows }, "test");

/** A serving process that answers for keys. */
function holder(freshMs = 5000) {
  const unrecorded: [string, number][] = [];
  const room = openBudgetRoom(async () => {
    for (const [key, rows] of unrecorded.splice(0))
      await use(tenantId, new Date().toISOString(), rows, { keyId: key, model: MODEL });
    return true;
  }, freshMs);
  return {
    async answer(rows: number, key = keyId): Promise<string> {
      try {
        (await room.take(tenantId, { keyId: key, model: MODEL }, rows))();
        unrecorded.push([key, rows]);
        return "answered";
      } catch (error) {
        return (error as Error).message;
      }
    },
  };
}

test("a key's limit refuses that key alone, names itself, and is exact over two processes", async () => {
  await limit(100);
  const [one, two] = [holder(), holder()];
  let answered = 0;
  for (let n = 0; n < 150; n++) if ((await (n % 2 ? one : two).answer(1)) === "answered") answered++;
  expect(answered).toBe(100);
  expect(await one.answer(1)).toMatch(/limit of this key/);
  expect(await one.answer(500, "key_other")).toBe("answered");
});

test("a call that one limit refuses takes nothing of another", async () => {
  await saveBudget(tenantId, { hardMinor: 100 }, "test");
  await limit(10);
  const process = holder();
  for (let n = 0; n < 20; n++) expect(await process.answer(11)).toMatch(/limit of this key/);
  expect(await process.answer(10)).toBe("answered");
  expect(await process.answer(90, "key_other")).toBe("answered");
  expect(await process.answer(1, "key_other")).toMatch(/organisation/);
});

test("a limit that is set, raised or taken away counts within seconds", async () => {
  const process = holder(20);
  expect(await process.answer(60)).toBe("answered");
  await limit(10);
  await expect.poll(() => process.answer(1)).toMatch(/limit of this key/);
  await limit(100);
  await expect.poll(() => process.answer(20)).toBe("answered");
  await limit(null);
  await expect.poll(() => process.answer(1000)).toBe("answered");
  expect(await listRowLimits(tenantId)).toEqual([]);
});

test("a limit of what is not there, or that tells after it refuses, is refused", async () => {
  const of = { scope: "model" as const, subject: "ft:nobody", softRows: null, hardRows: 1 };
  await expect(saveRowLimit(tenantId, of, "test")).rejects.toMatchObject({ code: "not_found" });
  await expect(limit(5, 6)).rejects.toMatchObject({ options: { param: "softRows" } });
});

test("billing addresses and owners are told once a month that a limit is near, and once that it is reached", async () => {
  await saveBudget(tenantId, { softMinor: 50, hardMinor: 100 }, "test");
  await limit(1000, 10);
  const subjects = async () => (await mailsWith(email)).map(({ subject }) => subject).sort();
  await noticeLimits();
  expect(await subjects()).toEqual([]);
  await use(tenantId, new Date().toISOString(), 60, { keyId, model: MODEL });
  await Promise.all([noticeLimits(), noticeLimits()]);
  await noticeLimits();
  // One of the organisation's amount, one of the key's rows.
  expect(await subjects()).toEqual([expect.stringMatching(/is near/), expect.stringMatching(/is near/)]);
  await use(tenantId, new Date().toISOString(), 60, { keyId, model: MODEL });
  await noticeLimits();
  await noticeLimits();
  expect((await subjects()).filter((subject) => /reached/.test(subject))).toHaveLength(1);
});
