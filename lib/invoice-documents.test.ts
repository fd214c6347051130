import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GET as csvRoute } from "@/app/api/invoices/[id]/csv/route";
import { GET as pdfRoute } from "@/app/api/invoices/[id]/pdf/route";
import { closePools } from "@/db/index";
import { invoices } from "@/db/schema/billing";
import { forTenant } from "@/db/tenant";
import { createBuyer, offer, openShop, profile, use } from "./billing.fixture";
import { saveProfile } from "./billing-profiles";
import { invoicePdf } from "./document-pdf";
import { env } from "./env";
import { invoiceAsCsv, invoiceAsPdf } from "./invoice-documents";
import { runInvoices } from "./invoice-run";
import { linesOfInvoice } from "./invoices";
import { ask, createPerson } from "./people.fixture";
import { runDay } from "./periods";
import { subscribe } from "./subscriptions";

let tenantId = "";
beforeAll(async () => {
  await openShop();
  const tiers = Array.from({ length: 60 }, (_, i) => ({ up_to: String(i + 1), unit_decimal: "0.5" }));
  await offer("many", {
    base: "10",
    meters: { "inference.row": { included: "0", tiers: [...tiers, { up_to: null, unit_decimal: "0.25" }] } },
  });
  tenantId = await createBuyer({ legalName: "=HYPERLINK(1)", poNumber: "4711" });
  await subscribe(tenantId, { planId: "many", startsAt: new Date("2026-01-01T00:00:00Z") }, "test");
  await use(tenantId, "2026-01-10T12:00:00Z", 100);
  await runInvoices("2026-01", runDay("2026-01"));
});
afterAll(closePools);

const only = async (of = tenantId) => {
  const [invoice] = await forTenant(of, (tx) => tx.select(invoices));
  if (!invoice) throw new Error("no invoice");
  return { invoice, lines: await forTenant(of, (tx) => linesOfInvoice(tx, invoice.id)) };
};
const pagesOf = (pdf: Buffer) => Number(/\/Count (\d+)/.exec(pdf.toString("latin1"))?.[1]);

test("an invoice of many lines goes over pages, and is the same bytes whenever it is made", async () => {
  const { invoice, lines } = await only();
  const [one, two] = [await invoicePdf(invoice, lines), await invoicePdf(invoice, lines)];
  expect(lines).toHaveLength(62);
  expect(pagesOf(one)).toBeGreaterThan(1);
  expect(one.equals(two)).toBe(true);
});

test("the PDF of an issued invoice is kept, and one that was changed on disk is not handed out", async () => {
  const { invoice } = await only();
  const [first, second] = await Promise.all([1, 2].map(() => invoiceAsPdf(tenantId, invoice.id)));
  expect(first?.name).toBe(`${invoice.number}.pdf`);
  expect((await invoiceAsPdf(tenantId, invoice.id)).bytes.equals(first?.bytes ?? Buffer.of())).toBe(true);
  expect(second?.bytes.equals(first?.bytes ?? Buffer.of())).toBe(true);
  writeFileSync(join(env().home, "storage", tenantId, "invoices", `${invoice.id}.pdf`), "%PDF-1.7 forged");
  await expect(invoiceAsPdf(tenantId, invoice.id)).rejects.toThrow(/not the one that was made/);
});

test("a buyer with a name in Chinese gets the invoice in Chinese", async () => {
  const buyer = await createBuyer();
  await saveProfile(buyer, profile({ legalName: "上海样例科技有限公司", locale: "zh" }), "test");
  await subscribe(buyer, { planId: "many", startsAt: new Date("2026-01-01T00:00:00Z") }, "test");
  await runInvoices("2026-01", runDay("2026-01"));
  const { invoice } = await only(buyer);
  expect((await invoiceAsPdf(buyer, invoice.id)).bytes.toString("latin1")).toContain("NotoSansSC");
});

test("the file of lines has the amounts of the invoice, each with its key", async () => {
  const { invoice, lines } = await only();
  const rows = (await invoiceAsCsv(tenantId, invoice.id)).text.trim().split(/\r?\n/);
  expect(rows).toHaveLength(lines.length + 1);
  expect(rows[1]).toMatch(
    /\/base,"?Monthly fee, 2026-01-01 to 2026-02-01"?,1,10,10\.00,EUR,standard,19\.00$/,
  );
});

test("another tenant's invoice is no invoice, for either file", async () => {
  const { invoice } = await only();
  const stranger = await createPerson();
  for (const handler of [pdfRoute, csvRoute]) {
    const answer = await ask(handler, {
      cookie: stranger.cookie,
      tenant: "nobody",
      params: { id: invoice.id },
    });
    expect(answer.status).toBe(404);
  }
});
