import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { usageDays } from "@/db/schema/usage";
import { forTenant } from "@/db/tenant";
import { createBuyer, offer, openShop, use } from "./billing.fixture";
import { deleteTenant, eraseClosedTenants, RETENTION_YEARS } from "./closing";
import { invoiceAsPdf } from "./invoice-documents";
import { runInvoices } from "./invoice-run";
import { readInvoices } from "./invoices";
import { sealDays } from "./ledger";
import { acceptMilestone, handOverMilestone } from "./milestones";
import { runDay } from "./periods";
import { modelMilestone, quoteLine, signedProject } from "./projects.fixture";
import { fileKey, readBlob, storeFile } from "./storage";
import { subscribe } from "./subscriptions";
import { listTenants } from "./tenants";

const tiers = [{ up_to: null, unit_decimal: "0.01" }];
beforeAll(async () => {
  await openShop();
  await offer("closing", { base: "31", meters: { "inference.row": { included: "0", tiers } } });
});
afterAll(closePools);

const tenantOf = async (tenantId: string) =>
  (await listTenants()).find((one) => one.tenantId === tenantId) ?? null;
const slugOf = async (tenantId: string) => String((await tenantOf(tenantId))?.slug);
/** How many rows each table still has of a tenant. */
async function rowsOf(tenantId: string): Promise<Record<string, number>> {
  return forTenant(tenantId, async (tx) => {
    const tables = await tx.query<{ name: string }>(
      sql`select table_name as name from information_schema.columns where column_name = 'tenant_id'
        and table_schema = 'public'`,
    );
    const counts: Record<string, number> = {};
    for (const { name } of tables) {
      const [row] = await tx.query<{ n: number }>(
        sql`select count(*)::int as n from ${sql.identifier(name)} where tenant_id = ${tenantId}`,
      );
      if (row && row.n > 0) counts[name] = row.n;
    }
    return counts;
  });
}
async function customer(): Promise<string> {
  const tenantId = await createBuyer();
  await subscribe(tenantId, { planId: "closing", startsAt: new Date("2026-01-01T00:00:00Z") }, "test");
  await use(tenantId, "2026-01-05T10:00:00Z", 100);
  await sealDays(runDay("2026-01"));
  await runInvoices("2026-01", runDay("2026-01"));
  return tenantId;
}

test("a customer removed in mid-month is billed to the second, then only documents are left", async () => {
  const tenantId = await customer();
  const local = join(await mkdtemp(join(tmpdir(), "graft-")), "blob");
  await writeFile(local, "rows");
  await storeFile(fileKey(tenantId, "file-1"), local);
  const removedAt = new Date("2026-02-15T00:00:00Z");
  await use(tenantId, "2026-02-05T10:00:00Z", 300);
  const slug = await slugOf(tenantId);
  expect(await deleteTenant(slug, removedAt)).toEqual({ tenantId, documents: 1, isBillOpen: true });
  await expect(readBlob(fileKey(tenantId, "file-1"))).rejects.toMatchObject({ code: "not_found" });
  const left = await rowsOf(tenantId);
  expect(left).toMatchObject({ subscriptions: 1, usage_events: 2 });
  for (const gone of ["members", "api_keys", "audit_events"]) expect(left).not.toHaveProperty(gone);

  await eraseClosedTenants(new Date("2026-02-20T00:00:00Z"));
  expect(await tenantOf(tenantId)).toMatchObject({ slug, state: "closed" });
  await sealDays(runDay("2026-02"));
  await runInvoices("2026-02", runDay("2026-02"));
  await eraseClosedTenants(runDay("2026-02"));
  // 14 of 28 days of 31.00, and 300 rows.
  const invoices = await readInvoices(tenantId);
  expect(invoices.map(({ netMinor }) => Number(netMinor)).sort()).toEqual([1550 + 300, 3200]);
  expect(Object.keys(await rowsOf(tenantId)).sort()).toEqual(["invoice_lines", "invoices", "usage_days"]);
  expect(await tenantOf(tenantId)).toMatchObject({ state: "closed", name: "Closed organisation" });
  expect(await slugOf(tenantId)).toMatch(/^closed-/);
  expect(await forTenant(tenantId, (tx) => tx.select(usageDays))).toHaveLength(2);
});

test("documents of a closed customer can still be read, and go when they need not be kept any more", async () => {
  const tenantId = await customer();
  const [invoice] = await readInvoices(tenantId);
  const before = await invoiceAsPdf(tenantId, String(invoice?.id));
  await deleteTenant(await slugOf(tenantId), new Date("2026-02-01T00:00:00Z"));
  await eraseClosedTenants(new Date("2026-02-06T00:00:00Z"));
  const after = await invoiceAsPdf(tenantId, String(invoice?.id));
  expect(after.bytes.equals(before.bytes)).toBe(true);
  await expect(deleteTenant(await slugOf(tenantId))).rejects.toMatchObject({ code: "state_conflict" });
  await eraseClosedTenants(new Date(`${2026 + RETENTION_YEARS}-12-31T00:00:00Z`));
  expect(await readInvoices(tenantId)).toHaveLength(1);
  await eraseClosedTenants(new Date(`${2026 + RETENTION_YEARS + 1}-01-01T00:00:00Z`));
  expect(await tenantOf(tenantId)).toBeNull();
  expect(await rowsOf(tenantId)).toEqual({});
});

test("maintenance that was agreed is billed until the day of the removal", async () => {
  const signedAt = new Date("2026-01-10T12:00:00Z");
  const lines = [
    quoteLine("model", "1000", { milestone_key: "model" }),
    quoteLine("care", "310", { kind: "retainer", milestone_key: "model" }),
  ];
  const project = await signedProject({ lines, milestones: [modelMilestone(null)], signedAt });
  const { tenantId } = project;
  await handOverMilestone(tenantId, project.milestoneId, "usr_am", signedAt);
  await acceptMilestone(tenantId, project.milestoneId, "accepted", "usr_owner", signedAt);
  await runInvoices("2026-01", new Date("2026-02-05T00:00:00Z"));
  const issued = (await readInvoices(tenantId)).length;
  const slug = await slugOf(tenantId);
  expect(await deleteTenant(slug, new Date("2026-02-15T00:00:00Z"))).toMatchObject({ isBillOpen: true });
  await runInvoices("2026-02", new Date("2026-03-05T00:00:00Z"));
  await eraseClosedTenants(new Date("2026-03-05T00:00:00Z"));
  const invoices = await readInvoices(tenantId);
  expect(invoices).toHaveLength(issued + 1);
  const last = invoices.find(({ month }) => month === "2026-02");
  expect(Number(last?.netMinor)).toBe(15_500);
  expect(await rowsOf(tenantId)).not.toHaveProperty("projects");
});

test("a customer who never was billed leaves nothing at all, and two removals at once are one", async () => {
  const tenantId = await createBuyer();
  const slug = await slugOf(tenantId);
  const both = await Promise.allSettled([deleteTenant(slug), deleteTenant(slug)]);
  expect(both.some(({ status }) => status === "fulfilled")).toBe(true);
  expect(await tenantOf(tenantId)).toBeNull();
  const left = await forTenant(tenantId, (tx) =>
    tx.query(sql`select 1 from api_keys where ${eq(sql`tenant_id`, tenantId)}`),
  );
  expect(left).toEqual([]);
});
