import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import pg from "pg";
import { afterAll, beforeEach, expect, test } from "vitest";
import { GET } from "@/app/v1/usage/ledger/route";
import { closePools } from "@/db/index";
import { usageDays, usageEvents } from "@/db/schema/usage";
import { forTenant } from "@/db/tenant";
import { canonical } from "./canonical";
import { env } from "./env";
import { eventToWire, lastClosedDay, ledgerLines, sealDays } from "./ledger";
import { unique } from "./people.fixture";
import { createTenant } from "./tenants";
import { recordUsage } from "./usage";

const DAY_MS = 86_400_000;
let [tenantId, apiKey] = ["", ""];
beforeEach(async () => {
  ({ tenantId, apiKey } = await createTenant({
    name: unique("Ledger"),
    email: `${unique("owner")}@ledger.test`,
  }));
});
afterAll(closePools);

const today = () => new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS);
const dayAgo = (days: number) => new Date(today().getTime() - days * DAY_MS).toISOString().slice(0, 10);
const PER_DELIVERY = 500;
/** Events of a day that is still open: yesterday or today. */
async function record(ids: readonly string[], daysAgo: number): Promise<void> {
  const events = ids.map((id, i) => ({
    tenantId,
    id,
    meter: "inference.row" as const,
    quantity: i + 1,
    isBillable: i % 3 !== 0,
    reason: i % 3 === 0 ? "console" : null,
    model: "ft:base:acme::1",
    keyId: "key_1",
    userId: null,
    route: "/v1/predictions",
    tokens: 3,
    occurredAt: new Date(today().getTime() - daysAgo * DAY_MS + i * 1000).toISOString(),
  }));
  for (let at = 0; at < events.length; at += PER_DELIVERY)
    await recordUsage(events.slice(at, at + PER_DELIVERY));
}
const ids = (word: string, count: number) => Array.from({ length: count }, (_, i) => `${word}_${i}`);
const inDays = (days: number) => new Date(today().getTime() + days * DAY_MS + 1);
const download = async () => {
  const lines: string[] = [];
  for await (const line of ledgerLines(tenantId, "2000-01-01", "2100-01-01")) lines.push(line);
  return lines;
};
const verify = (lines: readonly string[]) => {
  const path = join(env().home, `${unique("usage")}.ndjson`);
  writeFileSync(path, lines.join("\n"));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["clients/verify-usage.mjs", path], {
    encoding: "utf8",
  });
  return { isRight: status === 0, text: stdout + stderr };
};

test("days are sealed once each, oldest first, 48 hours after they ended, and chained", async () => {
  await record(ids("a", 5), 1);
  await record(ids("b", 7), 0);
  const closed = async () => (await forTenant(tenantId, (tx) => tx.select(usageDays))).map(({ day }) => day);
  await sealDays(new Date(inDays(2).getTime() - 2));
  expect(await closed()).toEqual([]);
  await Promise.all([sealDays(inDays(2)), sealDays(inDays(2))]);
  expect(await closed()).toEqual([dayAgo(1)]);
  await sealDays(inDays(3));
  const [first, second] = await forTenant(tenantId, (tx) => tx.select(usageDays));
  expect(second).toMatchObject({ day: dayAgo(0), events: 7, previous: first?.chain });
  await sealDays(inDays(9));
  expect(await closed()).toHaveLength(2);
  expect(lastClosedDay(new Date("2026-02-03T00:00:00Z"))).toBe("2026-01-31");
  expect(lastClosedDay(new Date("2026-02-02T23:59:59Z"))).toBe("2026-01-30");
});

test("a customer recomputes the ledger with the script, and every change of it shows", async () => {
  // More than a page, so that pages meet without a gap.
  await record(ids("a", 5003), 1);
  await record(ids("b", 3), 0);
  await sealDays(inDays(9));
  const lines = await download();
  const whole = verify(lines);
  expect(whole.text).toContain("2 days and 5006 events are as they were sealed.");
  expect(whole.isRight).toBe(true);
  const changed: [string, string[]][] = [
    ["a quantity", lines.with(9, String(lines[9]).replace('"quantity":"8"', '"quantity":"9"'))],
    ["an event less", lines.toSpliced(9, 1)],
    ["an event twice", lines.toSpliced(9, 0, String(lines[9]))],
    ["two in another order", lines.with(9, String(lines[10])).with(10, String(lines[9]))],
    ["a day's number of events", lines.with(1, String(lines[1]).replace('"events":5003', '"events":5004'))],
    [
      "a day left out",
      [String(lines[0]), String(lines[1]).replace(/"previous":"0/, '"previous":"1')].concat(lines.slice(2)),
    ],
    ["another tenant's", lines.with(0, String(lines[0]).replace(tenantId, "ten_other"))],
  ];
  for (const [what, other] of changed) {
    expect(other, what).not.toEqual(lines);
    expect(verify(other).isRight, what).toBe(false);
  }
});

test("an event that is altered in the database behind the seal is found by the script", async () => {
  await record(ids("a", 9), 1);
  await sealDays(inDays(9));
  const owner = new pg.Client(env().directUrl);
  await owner.connect();
  await owner.query("update usage_events set quantity = 1 where tenant_id = $1 and id = 'a_5'", [tenantId]);
  await owner.end();
  expect(verify(await download())).toEqual({
    isRight: false,
    text: `The events of ${dayAgo(1)} are not the ones that were sealed.\n`,
  });
});

test("what is recorded after the seal lies in a later day, and the sealed root stays", async () => {
  await record(ids("a", 2), 1);
  await sealDays(inDays(9));
  // The day is sealed, but by the clock still open: a sealer that ran ahead of it never lets events slip behind.
  await record(["late"], 4);
  const [late] = await forTenant(tenantId, (tx) => tx.select(usageEvents, eq(usageEvents.id, "late")));
  expect(late?.countedAt.toISOString().slice(0, 10)).toBe(dayAgo(0));
  expect(verify(await download()).isRight).toBe(true);
});

test("an event is written as its canonical JSON", async () => {
  await record(ids("a", 1), 0);
  const [event] = await forTenant(tenantId, (tx) => tx.select(usageEvents));
  if (!event) throw new Error("no event");
  expect(JSON.stringify(eventToWire(event))).toBe(canonical(eventToWire(event)));
});

test("the route streams the ledger to whoever may read usage, and refuses days that are none", async () => {
  await record(ids("a", 3), 1);
  await sealDays(inDays(9));
  const ask = (query: string, key = apiKey) =>
    GET(
      new Request(`http://graft.test/v1/usage/ledger?${query}`, {
        headers: { authorization: `Bearer ${key}` },
      }),
    );
  const answer = await ask(`from=${dayAgo(1)}&to=${dayAgo(0)}`);
  expect(verify((await answer.text()).split("\n"))).toMatchObject({ isRight: true });
  const empty = await ask(`from=${dayAgo(3)}&to=${dayAgo(2)}`);
  expect((await empty.text()).trim().split("\n")).toHaveLength(1);
  for (const query of ["", "from=2026-02-30&to=2026-03-01", "from=2026-03-02&to=2026-03-02", "from=x&to=y"])
    expect((await ask(query)).status, query).toBe(400);
  expect((await ask("from=2026-01-01&to=2026-01-02", "nobody")).status).toBe(401);
});

test("the script says what it wants when it is given nothing or something else", () => {
  expect(verify(["{}"]).text).toContain("This is not an answer of GET /v1/usage/ledger.");
  expect(() => execFileSync(process.execPath, ["clients/verify-usage.mjs"], { stdio: "pipe" })).toThrow(
    /usage: node verify-usage/,
  );
});
