import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import {
  admin,
  complaintsOf,
  createTenant,
  expectAccessible,
  expectWhole,
  jsonFile,
  SELLER,
  signIn,
  unique,
} from "./fixtures";

const folder = mkdtempSync(join(tmpdir(), "graft-billing-"));
const sheet = {
  base: "190",
  meters: { "inference.row": { included: "100", tiers: [{ up_to: null, unit_decimal: "0.0008" }] } },
};
const firstOfAMonth = () => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 2, 1)).toISOString().slice(0, 10);
};

/** From a plan to an invoice that a customer reads, in a browser. */
test("a customer fills in who is billed, sees what the month has come to, and opens the invoice", async ({
  page,
}) => {
  const tenant = await createTenant("billing");
  const plan = unique("volume");
  const from = firstOfAMonth();
  await admin("seller", "set", "--file", jsonFile("seller", SELLER));
  const priced = ["--plan", plan, "--name", "Volume", "--currency", "EUR", "--from", from];
  await admin("price", "add", ...priced, "--file", jsonFile("sheet", sheet));
  const complaints = complaintsOf(page);
  await signIn(page, tenant.email, tenant.password);
  await page.goto(`/${tenant.slug}/billing`);
  await expect(page.getByText("No plan yet")).toBeVisible();

  await page.getByLabel("Legal name").fill("Buyer AG");
  await page.getByLabel("Invoices go to").fill("accounts@buyer.test");
  await page.getByLabel("Street and number").fill("Am Ring 3");
  await page.getByLabel("City").fill("Wien");
  await page.getByLabel("Country").fill("at");
  await page.getByLabel("Tax id").fill("ATU 12345678");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The billing profile is saved.")).toBeVisible();

  await admin("subscription", "start", "--plan", plan, "--from", from, tenant.slug);
  await admin("invoice", "run", from.slice(0, 7));
  await page.reload();
  await expect(page.getByText("EUR 190.00").first()).toBeVisible();
  const invoice = page.getByRole("row", { name: /INV-\d{6}/ });
  await expect(invoice).toContainText(from.slice(0, 7));
  await expect(invoice).toContainText("EUR 226.10");
  await expectWhole(page);
  await expectAccessible(page);

  const fileOf = async (kind: "PDF" | "CSV") => {
    const href = await invoice.getByRole("link", { name: kind }).getAttribute("href");
    const answer = await page.request.get(href ?? "");
    expect(answer.status()).toBe(200);
    return answer.body();
  };
  expect((await fileOf("PDF")).subarray(0, 5).toString()).toBe("%PDF-");
  expect((await fileOf("CSV")).toString()).toContain("Monthly fee");
  const ledger = await page.getByRole("link", { name: "Download two months" }).getAttribute("href");
  const path = join(folder, "usage.ndjson");
  writeFileSync(path, await (await page.request.get(ledger ?? "")).body());
  expect(execFileSync("node", ["clients/verify-usage.mjs", path], { encoding: "utf8" })).toContain(
    "events are as they were sealed",
  );
  expect(complaints).toEqual([]);
});
