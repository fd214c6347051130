import { sql } from "drizzle-orm";
import { afterAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { usageEvents } from "@/db/schema/usage";
import { forTenant } from "@/db/tenant";
import { unique } from "./people.fixture";
import { createTenant } from "./tenants";
import { recordUsage, type UsageEvent, usageByDay } from "./usage";

let tenantId = "";
beforeEach(async () => {
  ({ tenantId } = await createTenant({ name: unique("Usage"), email: `${unique("owner")}@usage.test` }));
});
afterAll(closePools);

const event = (id: string, more: Partial<UsageEvent> = {}): UsageEvent => ({
  tenantId,
  id,
  meter: "inference.row",
  quantity: 1,
  isBillable: true,
  reason: null,
  model: "ft:base:acme::1",
  keyId: "key_1",
  userId: null,
  route: "/v1/predictions",
  tokens: 7,
  occurredAt: new Date().toISOString(),
  ...more,
});
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

/** Sums of the events themselves and of the hours, in one shape. */
const sums = async () => {
  const [fromEvents, fromHours] = await forTenant(tenantId, async (tx) => [
    await tx.query(sql`
      select meter, model, coalesce(key_id, '') as key, route, coalesce(reason, '') as reason, count(*)::int as events,
        sum(quantity)::int as quantity, sum(tokens)::int as tokens
      from usage_events group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`),
    await tx.query(sql`
      select meter, model, key_id as key, route, reason, sum(events)::int as events, sum(quantity)::int as quantity,
        sum(tokens)::int as tokens
      from usage_hours group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`),
  ]);
  return { fromEvents, fromHours };
};

test("sums by hour equal the events, whatever comes twice, out of order and at once", async () => {
  const events = Array.from({ length: 60 }, (_, i) =>
    event(`req_${i}`, {
      quantity: i,
      model: `model ${i % 3}`,
      meter: i % 5 === 0 ? "batch.row" : "inference.row",
      occurredAt: hoursAgo(i % 40),
      ...(i % 7 === 0 ? { isBillable: false, reason: "console", keyId: null } : {}),
    }),
  );
  const shuffled = [...events, ...events.slice(20)].sort((a, b) => (a.id < b.id ? 1 : -1));
  await Promise.all([
    recordUsage(events.slice(0, 40)),
    recordUsage(shuffled),
    recordUsage(events.slice(10)),
    recordUsage([...events].reverse()),
  ]);
  const { fromEvents, fromHours } = await sums();
  expect(fromHours).toEqual(fromEvents);
  expect(fromEvents.reduce((n, line) => n + Number(line.events), 0)).toBe(60);
});

test("a batch that ends in an error leaves neither events nor sums", async () => {
  await expect(recordUsage([event("req_a"), event("req_b", { quantity: -1 })])).rejects.toThrow();
  expect(await sums()).toEqual({ fromEvents: [], fromHours: [] });
});

test("a late event is summed under the month in which it occurred", async () => {
  await recordUsage([event("req_now"), event("req_late", { occurredAt: hoursAgo(24 * 32) })]);
  const hours = await forTenant(tenantId, (tx) =>
    tx.query(sql`select late_month, events from usage_hours order by late_month`),
  );
  expect(hours).toEqual([
    { late_month: "", events: 1 },
    { late_month: hoursAgo(24 * 32).slice(0, 7), events: 1 },
  ]);
  const stored = await forTenant(tenantId, (tx) => tx.select(usageEvents));
  const late = stored.find(({ id }) => id === "req_late");
  expect(late?.countedAt).toEqual(late?.recordedAt);
});

test("a day's usage tells requests, rows, what was free and why", async () => {
  await recordUsage([
    event("req_1", { quantity: 3 }),
    event("req_2", { quantity: 4 }),
    event("req_3", { quantity: 5, isBillable: false, reason: "error" }),
  ]);
  const lines = await usageByDay(tenantId, 2);
  expect(
    lines.map(({ requests, rows, billable, free, reason }) => ({ requests, rows, billable, free, reason })),
  ).toEqual(
    expect.arrayContaining([
      { requests: 2, rows: 7, billable: 7, free: 0, reason: null },
      { requests: 1, rows: 5, billable: 0, free: 5, reason: "error" },
    ]),
  );
});
