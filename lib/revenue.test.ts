import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { openShop } from "./billing.fixture";
import { issueCreditNote } from "./credit-notes";
import { readInvoices } from "./invoices";
import { quoteLine, signedProject } from "./projects.fixture";
import { revenueByMonth, revenueCsv } from "./revenue";

beforeAll(async () => void (await openShop()));
afterAll(closePools);

test("revenue is what was issued less credit notes, by mode and month, and its lines add up to it", async () => {
  // A currency of this test's own: the figures are of the whole installation.
  const currency = "SEK";
  const wanted = {
    lines: [quoteLine("deposit", "1000")],
    signedAt: new Date("2026-02-10T12:00:00Z"),
    currency,
  };
  const { tenantId, projectId: id } = await signedProject(wanted);
  const seen = async () => (await revenueByMonth()).filter((month) => month.currency === currency);
  const minor = { calls: 0n, insight: 0n };
  expect(await seen()).toEqual([{ month: "2026-02", currency, minor: { ...minor, projects: 100_000n } }]);
  const [invoice] = await readInvoices(tenantId);
  const credited = { lines: [{ key: `${id}/deposit`, amountMinor: 40_000n }], reason: "a late start" };
  await issueCreditNote(tenantId, invoice?.id ?? "", credited, "usr_am");
  const after = await seen();
  expect(after.reduce((sum, { minor: { projects } }) => sum + projects, 0n)).toBe(60_000n);
  const csv = (await Promise.all(after.map(({ month }) => revenueCsv(month)))).join("");
  const own = csv.split("\r\n").filter((text) => text.includes(`,${currency},`));
  expect(own.map((text) => text.split(",").slice(3))).toEqual(
    expect.arrayContaining([
      ["projects", currency, "1000.00"],
      ["projects", currency, "-400.00"],
    ]),
  );
});
