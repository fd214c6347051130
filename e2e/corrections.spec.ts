import { expect, test } from "@playwright/test";
import { api, createTenant, expectAccessible, signIn, smallRows, trainFile } from "./fixtures";

/** Seven of 120 labels are wrong; who knows better says so on the model's page and trains again. */
const LABELS = ["refund", "login", "delivery"];
const csv = `text,label\n${smallRows()
  .map(({ text, label }, n) => [text, n % 17 === 5 ? LABELS[(LABELS.indexOf(label) + 1) % 3] : label])
  .map((cells) => cells.join(","))
  .join("\n")}\n`;

test("a doubted label is corrected with one press, trained again, and shown before and after", async ({
  page,
}) => {
  test.setTimeout(180_000);
  const tenant = await createTenant("corrections");
  const { model } = await trainFile(tenant.apiKey, "tickets.csv", csv);
  const { body } = await api(`/v1/models/${encodeURIComponent(model)}`, { key: tenant.apiKey });
  await signIn(page, tenant.email, tenant.password);
  await page.goto(`/${tenant.slug}/models/${(body.graft as { id: string }).id}`);
  const issues = page.getByRole("table", { name: "Likely label errors" });
  await expect(issues).toBeVisible();
  await issues
    .getByRole("button", { name: /^Accept / })
    .first()
    .click();
  await expect(page.getByRole("button", { name: "Train again with one correction" })).toBeVisible();
  await issues
    .getByLabel(/^Another decision/)
    .first()
    .selectOption({ label: "It is right as it is" });
  await expect(issues).toContainText("right as it is");
  await expectAccessible(page);

  // What was decided is there for the next person.
  await page.reload();
  await expect(issues.getByRole("button", { name: /^Undo / })).toHaveCount(2);
  await page.getByRole("button", { name: "Train again with one correction" }).click();
  await page.waitForURL(/jobs\/ftjob-/);
  await expect(page.getByText("The model is ready and answers.")).toBeVisible({ timeout: 120_000 });
  await page.getByRole("link", { name: "See how good it is" }).click();
  await expect(page.getByRole("heading", { name: "Before and after one correction" })).toBeVisible();
  await expect(page.getByText(/Both were measured on the same/)).toBeVisible();
  await expectAccessible(page);

  await page.goto(`/${tenant.slug}/datasets`);
  await page.getByRole("link", { name: "tickets" }).first().click();
  await expect(page.getByText("1 label corrected")).toBeVisible();
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download the rows" }).click();
  expect((await downloading).suggestedFilename()).toBe("rows-2.csv");
});
