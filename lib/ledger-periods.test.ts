import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { createBuyer, offer, openShop, use } from "./billing.fixture";
import { env } from "./env";
import { runInvoices } from "./invoice-run";
import { ledgerLines, sealDays } from "./ledger";
import { unique } from "./people.fixture";
import { runDay } from "./periods";
import { subscribe } from "./subscriptions";

const tiers = [
  { up_to: "1000", unit_decimal: "0.0013" },
  { up_to: null, unit_decimal: "0.0007" },
];
beforeAll(async () => {
  await openShop();
  await offer("ledger-small", { base: "19.99", meters: { "inference.row": { included: "100", tiers } } });
  await offer("ledger-large", { base: "250", meters: { "inference.row": { included: "5000", tiers } } });
  await offer("ledger-committed", {
    base: "5",
    meters: { "inference.row": { included: "0", tiers } },
    commitment: { amount: "100", months: 2 },
  });
  await offer("ledger-yen", { base: "1999", meters: { "inference.row": { included: "0", tiers } } }, "JPY");
});
afterAll(closePools);

let tenantId = "";
beforeEach(async () => {
  tenantId = await createBuyer();
});
const begin = (planId: string, startsAt: string) =>
  subscribe(tenantId, { planId, startsAt: new Date(startsAt) }, "test");
const close = async (month: string) => {
  await sealDays(runDay(month));
  await runInvoices(month, runDay(month));
};
const download = async (from = "2026-01-01") => {
  const lines: string[] = [];
  for await (const line of ledgerLines(tenantId, from, "2026-04-01")) lines.push(line);
  return lines;
};
const verify = (lines: readonly string[]) => {
  const path = join(env().home, `${unique("usage")}.ndjson`);
  writeFileSync(path, lines.join("\n"));
  const run = spawnSync(process.execPath, ["clients/verify-usage.mjs", path], { encoding: "utf8" });
  return { isRight: run.status === 0, text: run.stdout + run.stderr };
};

test("the script computes every line of every invoice again, also of months that a change of plan cuts", async () => {
  await begin("ledger-small", "2026-01-01T00:00:00Z");
  await use(tenantId, "2026-01-05T10:00:00Z", 1777);
  await use(tenantId, "2026-01-31T23:59:59.500Z", 3);
  await use(tenantId, "2026-01-06T10:00:00Z", 4000, { isBillable: false, reason: "console" });
  await use(tenantId, "2026-01-07T10:00:00Z", 1, { meter: "training.job", fixedDecimal: "9.005" });
  await close("2026-01");
  await begin("ledger-large", "2026-02-11T07:30:01Z");
  await use(tenantId, "2026-02-11T07:30:00.999Z", 900);
  await use(tenantId, "2026-02-11T07:30:01Z", 9000);
  await close("2026-02");
  const { isRight, text } = verify(await download());
  expect(text.match(/INV-\d{6}, 2026-0[12].*lines in EUR are right/g)).toHaveLength(3);
  expect(isRight).toBe(true);
});

test("an amount, a price or an event that is not what was billed shows", async () => {
  await begin("ledger-small", "2026-01-01T00:00:00Z");
  await use(tenantId, "2026-01-05T10:00:00Z", 1777);
  await close("2026-01");
  const lines = await download();
  const at = lines.findIndex((line) => line.includes("billing.period"));
  for (const [was, is] of [
    ['"amount":"0.47"', '"amount":"0.48"'],
    ['"unit_decimal":"0.0007"', '"unit_decimal":"0.0008"'],
    ['"included":"100"', '"included":"0"'],
    ['"base":"19.99"', '"base":"29.99"'],
  ] as const) {
    const line = String(lines[at]);
    const changed = line.replace(was, is);
    expect(changed, was).not.toBe(line);
    expect(verify(lines.with(at, changed)).isRight, was).toBe(false);
  }
});

test("a currency without minor units is rounded to whole ones by the script too", async () => {
  tenantId = await createBuyer({ currency: "JPY" });
  await begin("ledger-yen", "2026-01-16T00:00:00Z");
  await use(tenantId, "2026-01-20T10:00:00Z", 12_345);
  await close("2026-01");
  expect(verify(await download())).toMatchObject({
    isRight: true,
    text: expect.stringContaining("lines in JPY are right"),
  });
});

test("late usage is computed again too: on top of what its month came to, by the prices of that month", async () => {
  await begin("ledger-small", "2026-01-01T00:00:00Z");
  await use(tenantId, "2026-01-05T10:00:00Z", 900);
  await close("2026-01");
  await use(tenantId, "2026-01-28T10:00:00Z", 300, { recordedAt: "2026-02-09T10:00:00Z" });
  await begin("ledger-large", "2026-02-11T00:00:00Z");
  await use(tenantId, "2026-01-29T10:00:00Z", 200, { recordedAt: "2026-02-20T10:00:00Z" });
  await close("2026-02");
  const lines = await download();
  expect(lines.join()).toContain("late/2026-01/inference.row/1");
  const { isRight, text } = verify(lines);
  expect(text).not.toContain("needs days before");
  expect(isRight).toBe(true);
  const at = lines.findLastIndex((line) => line.includes("late/2026-01"));
  const changed = String(lines[at]).replace(/("amount":")([\d.]+)(","key":"late)/, "$19.99$3");
  expect(changed).not.toBe(lines[at]);
  expect(verify(lines.with(at, changed))).toMatchObject({ isRight: false });
});

test("late usage of a month that is not in the download is named, not passed over", async () => {
  await begin("ledger-small", "2026-01-01T00:00:00Z");
  await close("2026-01");
  await use(tenantId, "2026-01-28T10:00:00Z", 300, { recordedAt: "2026-02-09T10:00:00Z" });
  await close("2026-02");
  expect(verify(await download("2026-02-01"))).toMatchObject({
    isRight: true,
    text: expect.stringContaining("late/2026-01/inference.row: needs days before 2026-02-01"),
  });
});

test("what is missing to a commitment is computed again from the lines of its term", async () => {
  await begin("ledger-committed", "2026-01-01T00:00:00Z");
  await use(tenantId, "2026-01-05T10:00:00Z", 5000);
  await close("2026-01");
  await use(tenantId, "2026-02-05T10:00:00Z", 700);
  await close("2026-02");
  const lines = await download();
  expect(verify(lines)).toMatchObject({ isRight: true });
  const at = lines.findLastIndex((line) => line.includes('"key":"commitment/'));
  const changed = String(lines[at]).replace(/("amount":")([\d.]+)(","key":"commitment)/, "$199.99$3");
  expect(changed).not.toBe(lines[at]);
  expect(verify(lines.with(at, changed))).toMatchObject({ isRight: false });
});
