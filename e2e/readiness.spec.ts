import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { createTenant, expectAccessible, expectWhole, signIn, unique } from "./fixtures";

/** From a sample to what it is fit for and what a training on it would likely reach, on a desk and on a phone. */
test("a customer asks what a sample is fit for and reads findings and a forecast", async ({ page }) => {
  test.setTimeout(300_000);
  const tenant = await createTenant("readiness");
  await signIn(page, tenant.email, tenant.password);
  await page.goto(`/${tenant.slug}/datasets/new`);
  const sample = readFileSync("samples/support-tickets.csv", "utf8").trimEnd();
  const rows = `${sample}\n${"Write to jo@example.org or +49 30 1234567 please,refund_request\n".repeat(3)}`;
  await page.getByLabel("Choose files").setInputFiles({
    name: `${unique("sample")}.csv`,
    mimeType: "text/csv",
    buffer: Buffer.from(rows),
  });
  await page.waitForURL(/datasets\/files/);
  await page.getByRole("button", { name: "Create dataset" }).click();
  await page.waitForURL(/datasets\/ds_/);

  const order = page.getByRole("button", { name: "Look at the sample" });
  await expect(order).toBeVisible({ timeout: 60_000 });
  await order.click();
  await expect(page.getByRole("progressbar", { name: "The sample is being looked at" })).toBeVisible();
  await expect(page.getByText("A forecast, not a promise")).toBeVisible({ timeout: 200_000 });
  await expect(page.getByText("Personal data in the texts")).toBeVisible();
  await expect(page.getByText(/3 rows with e-mail addresses/)).toBeVisible();
  await expect(page.getByText(/between [\d.]+ ?% and [\d.]+ ?%, most likely/).first()).toBeVisible();
  await expectAccessible(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await expectWhole(page);
  await expectAccessible(page);
});
