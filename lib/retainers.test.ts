import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { forTenant } from "@/db/tenant";
import { openShop } from "./billing.fixture";
import { runInvoices } from "./invoice-run";
import { linesOfInvoice, readInvoices } from "./invoices";
import { acceptMilestone, handOverMilestone } from "./milestones";
import { modelMilestone, quoteLine, signedProject } from "./projects.fixture";

beforeAll(async () => void (await openShop()));
afterAll(closePools);

const SIGNED = new Date("2026-01-10T12:00:00Z");
const ACCEPTED = new Date("2026-01-16T00:00:00Z");

async function maintained() {
  const lines = [
    quoteLine("model", "1000", { milestone_key: "model" }),
    quoteLine("care", "310", { kind: "retainer", milestone_key: "model" }),
  ];
  const wanted = { lines, milestones: [modelMilestone(null)], signedAt: SIGNED };
  const { tenantId, projectId: id, milestoneId } = await signedProject(wanted);
  const accept = async () => {
    await handOverMilestone(tenantId, milestoneId, "usr_am", SIGNED);
    await acceptMilestone(tenantId, milestoneId, "accepted", "usr_owner", ACCEPTED);
  };
  const billed = async () => {
    const found = await Promise.all(
      (await readInvoices(tenantId))
        .filter(({ month }) => month !== null)
        .map(async ({ id: invoice, month }) =>
          (await forTenant(tenantId, (tx) => linesOfInvoice(tx, invoice))).map(
            ({ text, amountMinor }) => [month, text.is, Number(amountMinor)] as const,
          ),
        ),
    );
    return found.flat().sort();
  };
  return { tenantId, id, accept, billed };
}
const run = (month: string, now: string) => runInvoices(month, new Date(now));

test("a retainer is due each month from acceptance on, the first one by its share of the month", async () => {
  const { accept, billed } = await maintained();
  await run("2025-12", "2026-01-12T00:00:00Z");
  expect(await billed()).toEqual([]);
  await accept();
  await run("2026-01", "2026-02-05T00:00:00Z");
  // 16 of January's 31 days.
  expect(await billed()).toEqual([["2026-01", "retainer", 16_000]]);
  await run("2026-01", "2026-02-06T00:00:00Z");
  await Promise.all([run("2026-02", "2026-03-05T00:00:00Z"), run("2026-02", "2026-03-05T00:00:00Z")]);
  expect(await billed()).toEqual([
    ["2026-01", "retainer", 16_000],
    ["2026-02", "retainer", 31_000],
  ]);
});

test("a run that comes late bills the months that it missed, and a closed project no month more", async () => {
  const { tenantId, id, accept, billed } = await maintained();
  await accept();
  // 10 of March's 31 days.
  const ended = new Date("2026-03-11T00:00:00Z");
  await forTenant(tenantId, (tx) =>
    tx.query(sql`update projects set ended_at = ${ended.toISOString()}, state = 'closed' where id = ${id}`),
  );
  await run("2026-04", "2026-05-05T00:00:00Z");
  expect(await billed()).toEqual([
    ["2026-04", "retainer", 10_000],
    ["2026-04", "retainer", 16_000],
    ["2026-04", "retainer", 31_000],
  ]);
});
