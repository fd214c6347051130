import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { api, complaintsOf, createTenant, expectAccessible, expectWhole, signIn } from "./fixtures";

/** A table from the upload to an answer by column, in a browser; and the same by code. */
test("a table's columns are chosen in boxes, its model's pages are whole, and the console asks by column", async ({
  page,
}) => {
  test.setTimeout(240_000);
  const tenant = await createTenant("tables");
  const complaints = complaintsOf(page);
  await signIn(page, tenant.email, tenant.password);
  await page.goto(`/${tenant.slug}/datasets`);
  await page.getByRole("link", { name: "New dataset" }).first().click();
  await page.getByLabel("Choose files").setInputFiles({
    name: "gym-members.csv",
    mimeType: "text/csv",
    buffer: readFileSync("samples/gym-members.csv"),
  });
  await page.waitForURL(/datasets\/files/);
  await expect(page.getByLabel("Label", { exact: true })).toHaveValue("status");
  const boxes = page.getByRole("group", { name: "Columns" });
  await expect(boxes.getByRole("checkbox", { checked: true })).toHaveCount(9);
  await expect(boxes.getByRole("checkbox", { name: /^member / })).not.toBeChecked();
  await boxes.getByRole("checkbox", { name: /^monthly_fee / }).uncheck();
  await expectWhole(page);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Create dataset" }).click();

  await page.waitForURL(/datasets\/ds_/);
  await expect(page.getByText("Class balance").first()).toBeVisible();
  await expect(page.getByText(/Columns = age, months, plan, visits_per_month/)).toBeVisible();
  await page.getByRole("button", { name: "Train a model" }).click();
  await expect(page.getByLabel("Recipe").getByRole("option")).toHaveText([
    "Automatic",
    "Logistic regression (cheapest)",
    "Dense layers from scratch",
  ]);
  await page.getByRole("button", { name: "Start training" }).click();
  await page.waitForURL(/jobs\/ftjob-/);
  await expect(page.getByText("The model is ready and answers.")).toBeVisible({ timeout: 180_000 });
  await expect(page.locator('[data-stage="base"]')).toHaveAttribute("data-status", "skipped");
  await page.getByRole("link", { name: "See how good it is" }).click();
  await expect(page.getByText(/^(Answers \d+% alone|No part of the answers)/)).toBeVisible();
  for (const title of ["Recipes compared", "Classes", "What is taken for what"])
    await expect(page.getByRole("heading", { name: title, exact: true })).toBeVisible();
  await page.locator("details").first().click();
  await expect(page.locator("details[open] li").first()).toContainText(/Line \d+:.*months: \d+\s*plan: \w+/s);
  await expectWhole(page);
  await expectAccessible(page);

  await page.getByRole("link", { name: "Try it" }).click();
  await expect(page.getByLabel("monthly_fee")).toHaveCount(0);
  await page.getByLabel("visits_per_month").fill("0");
  await page.getByLabel("classes").selectOption("none");
  await page.getByLabel("freeze_used").selectOption("yes");
  await page.getByLabel("distance_km").fill("13.5");
  await page.getByLabel("came_through").selectOption("");
  await page.getByRole("button", { name: "Predict" }).click();
  const answer = page.getByTestId("answer");
  await expect(answer.locator(".text-lg")).toHaveText("cancelled");
  await expect(answer).toContainText("visits_per_month: 0");
  await expect(answer).not.toContainText("came_through");
  await answer.getByRole("button", { name: "Why this answer?" }).click();
  const told = answer.getByRole("list", { name: "What each column does to cancelled" }).getByRole("listitem");
  await expect(told.first()).toHaveText(/^\w+: \S+ ?usually \S+× [\d.]+$/);
  const name = (await told.first().textContent())?.split(":")[0] ?? "";
  await answer.getByLabel("Columns for and against").selectOption("stays");
  const against = answer.getByRole("list", { name: "What each column does to stays" });
  await expect(against.getByRole("listitem").filter({ hasText: `${name}:` })).toHaveText(/÷ [\d.]+$/);
  await expectWhole(page);
  await expectAccessible(page);
  const model = await page.getByLabel("Model").inputValue();
  const { status, body } = await api("/v1/predictions", {
    key: tenant.apiKey,
    body: { model, input: [{ visits_per_month: 12, plan: "family" }, { visits: 1 }] },
  });
  expect(status).toBe(400);
  expect((body.error as { message: string }).message).toContain("there is no column `visits`");
  expect(complaints).toEqual([]);
});
