import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { apiKeys } from "@/db/schema/people";
import { rateWindows } from "@/db/schema/serving";
import { forTenant } from "@/db/tenant";
import { createBuyer, offer, openShop } from "./billing.fixture";
import { setQuotaHeaders } from "./rate-limit";
import { admitCall, chargeTokens } from "./request-limits";
import { createServePresence } from "./serve-presence";
import type { Actor } from "./session";
import { subscribe } from "./subscriptions";

let tenantId = "";
let keyId = "";
beforeAll(openShop);
beforeEach(async () => {
  tenantId = await createBuyer();
  const [key] = await forTenant(tenantId, (tx) => tx.select(apiKeys, eq(apiKeys.isInternal, false)));
  keyId = String(key?.id);
});
afterAll(closePools);

/** A minute of its own for each test, so that what one leased is not another's. */
let minute = 10;
beforeEach(() => {
  minute += 3;
});
const at = (seconds = 0) => Date.UTC(2030, 0, 1, 0, minute) + seconds * 1000;
const actor = (key: string | null = null): Actor => ({ tenantId, keyId: key }) as Actor;
const allow = (settings: object) =>
  forTenant(tenantId, (tx) =>
    tx.query(sql`update tenants set settings = ${JSON.stringify(settings)}::jsonb where id = ${tenantId}`),
  );
/** How many of so many calls, one after the other, are let through. */
async function admitted(calls: number, now = at(), key: string | null = null): Promise<number> {
  let count = 0;
  for (let n = 0; n < calls; n++)
    try {
      (await admitCall(actor(key), now)).release();
      count++;
    } catch (error) {
      expect(error).toMatchObject({ code: "rate_limit_exceeded" });
    }
  return count;
}

test("a minute's requests are exact, also when all come at once, and the next minute begins anew", async () => {
  await allow({ requestsPerMinute: 25 });
  const all = await Promise.allSettled(
    Array.from({ length: 60 }, () => admitCall(actor(), at()).then(({ release }) => release())),
  );
  expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(25);
  expect(await admitted(30, at(59))).toBe(0);
  expect(await admitted(30, at(60))).toBe(25);
});

test("two processes take slices of one quota and stay within it together", async () => {
  await allow({ requestsPerMinute: 100 });
  // Another process's slices: nine tenths of the minute.
  await forTenant(tenantId, (tx) =>
    tx.insert(rateWindows, { subject: "", startsAt: new Date(at()), requests: 90, tokens: 0 }),
  );
  expect(await admitted(30)).toBe(10);
  const [window] = await forTenant(tenantId, (tx) => tx.select(rateWindows));
  expect(window?.requests).toBe(100);
});

test("a slice is a tenth of the minute's quota, and within it nobody is asked", async () => {
  await allow({ requestsPerMinute: 200 });
  const taken = async () => (await forTenant(tenantId, (tx) => tx.select(rateWindows)))[0]?.requests;
  expect(await admitted(20)).toBe(20);
  expect(await taken()).toBe(20);
  expect(await admitted(1)).toBe(1);
  expect(await taken()).toBe(40);
});

test("tokens are paid when they were read; who overdrew waits, and pays in the next minute too", async () => {
  await allow({ tokensPerMinute: 1000 });
  expect(await admitted(1)).toBe(1);
  chargeTokens(actor(), 1500, at());
  expect(await admitted(1)).toBe(0);
  // 500 of the next minute's thousand are gone.
  expect(await admitted(1, at(60))).toBe(1);
  chargeTokens(actor(), 499, at(60));
  expect(await admitted(1, at(60))).toBe(1);
  chargeTokens(actor(), 1, at(60));
  expect(await admitted(1, at(60))).toBe(0);
});

test("a key's own limit holds beside the organisation's, and names itself", async () => {
  await allow({ requestsPerMinute: 50 });
  await forTenant(tenantId, (tx) => tx.update(apiKeys, { requestsPerMinute: 5 }, eq(apiKeys.id, keyId)));
  expect(await admitted(10, at(), keyId)).toBe(5);
  await expect(admitCall(actor(keyId), at())).rejects.toThrow(/of this key/);
  expect(await admitted(60)).toBe(45);
});

test("a plan's limits hold where nothing else was set", async () => {
  await offer("small", { base: "0", meters: {}, limits: { requests_per_minute: 7 } });
  await subscribe(tenantId, { planId: "small", startsAt: new Date("2026-01-01T00:00:00Z") }, "test");
  expect(await admitted(10)).toBe(7);
  await allow({ requestsPerMinute: 9 });
  expect(await admitted(20, at(60))).toBe(9);
});

test("calls at the same time are bounded, by fewer where more processes serve", async () => {
  const [one, two] = [createServePresence(), createServePresence()];
  await Promise.all([one.renew(), two.renew()]);
  const running = await Promise.allSettled(Array.from({ length: 100 }, () => admitCall(actor(), at())));
  const through = running.filter(({ status }) => status === "fulfilled");
  expect(through).toHaveLength(64);
  for (const one of running) if (one.status === "fulfilled") one.value.release();
  expect(await admitted(3)).toBe(3);
  await Promise.all([one.end(), two.end()]);
});

test("both families of headers say what is left; what has no limit says nothing", async () => {
  await allow({ requestsPerMinute: 100, tokensPerMinute: 5000 });
  const { quotas, release } = await admitCall(actor(), at(20));
  release();
  const headers = new Headers();
  setQuotaHeaders(headers, quotas);
  expect(Object.fromEntries(headers)).toEqual({
    "x-ratelimit-limit-requests": "100",
    "x-ratelimit-remaining-requests": "99",
    "x-ratelimit-reset-requests": "40000ms",
    "x-ratelimit-limit-tokens": "5000",
    "x-ratelimit-remaining-tokens": "5000",
    "x-ratelimit-reset-tokens": "40000ms",
    "ratelimit-policy": '"requests";q=100;w=60, "tokens";q=5000;w=60;qu="tokens"',
    ratelimit: '"requests";r=99;t=40, "tokens";r=5000;t=40',
  });
  const silent = new Headers();
  setQuotaHeaders(silent, { requests: undefined });
  expect([...silent]).toEqual([]);
});
