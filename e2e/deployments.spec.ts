import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import {
  api,
  complaintsOf,
  createTenant,
  expectAccessible,
  expectWhole,
  signIn,
  smallRows,
  trainFile,
  trainSmall,
} from "./fixtures";

/** A name that programs call: promoted, tried as a canary and in silence, and rolled back, by hand. */
const exchanged = `text,label\n${smallRows()
  .map(({ text, label }) => `${text},${label === "refund" ? "login" : label === "login" ? "refund" : label}`)
  .join("\n")}\n`;
const QUESTION = "please refund the broken kettle";

async function chooseVersion(page: Page, model: string): Promise<void> {
  await page.getByRole("dialog").getByLabel("Version").selectOption(model);
}

test("a version is promoted past saved examples, tried as a canary and a shadow, and rolled back", async ({
  page,
}) => {
  test.setTimeout(240_000);
  const { slug, apiKey: key, email, password } = await createTenant("versions");
  const { model: good } = await trainSmall(key);
  const { model: bad } = await trainFile(key, "exchanged.csv", exchanged);
  const ask = async () => {
    const { body } = await api("/v1/predictions", {
      key,
      body: { model: "support-router", input: QUESTION },
    });
    return String(body.model);
  };
  const complaints = complaintsOf(page);
  await signIn(page, email, password);
  await page.goto(`/${slug}/deployments`);
  await page.getByRole("button", { name: "New name" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("support-router");
  await chooseVersion(page, good);
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("link", { name: "support-router" }).click();
  await expect(page.getByText("Answers now")).toBeVisible();
  expect(await ask()).toBe(good);
  await expectAccessible(page);

  // What must never go wrong is saved in the console, where it was asked.
  await page.goto(`/${slug}/console?model=support-router`);
  await page.getByLabel("Rows to try").fill(QUESTION);
  await page.getByRole("button", { name: "Predict" }).click();
  await expect(page.getByTestId("answer")).toContainText("refund");
  await page.getByRole("button", { name: "Save as an example" }).click();
  await expect(page.getByText("a version must answer it before")).toBeVisible();
  await page.getByRole("button", { name: "Right", exact: true }).click();
  await expect(page.getByText("Noted")).toBeVisible();

  // Beside another version the same question is answered twice.
  await page.getByLabel("Second model").selectOption(bad);
  await page.waitForURL(/beside=/);
  await expect(page.getByLabel("Rows to try")).toHaveValue(QUESTION);
  await page.getByRole("button", { name: "Predict" }).click();
  await expect(page.getByRole("region", { name: "support-router" })).toContainText("refund");
  await expect(page.getByRole("region", { name: bad })).toContainText("login");
  await expectAccessible(page);
  await expectWhole(page);

  await page.goto(`/${slug}/deployments/support-router`);
  await page.getByLabel("Answers of").selectOption(bad);
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await expect(page.getByRole("table", { name: "Saved examples" })).toContainText("login");
  await page.getByRole("button", { name: "Promote a version" }).click();
  await chooseVersion(page, bad);
  await page.getByRole("button", { name: "Promote", exact: true }).click();
  await expect(page.getByRole("alert").filter({ hasText: "saved examples fail" })).toBeVisible();
  expect(await ask()).toBe(good);
  await page.getByLabel("Even if saved examples fail").click();
  await page.getByRole("button", { name: "Promote", exact: true }).click();
  await expect(page.getByText("although examples failed")).toBeVisible();
  expect(await ask()).toBe(bad);

  await page.getByRole("button", { name: "Roll back" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Roll back" }).click();
  await expect(page.getByText("Rolled back").first()).toBeVisible();
  expect(await ask()).toBe(good);

  await page.getByRole("button", { name: "Begin a shadow" }).click();
  await chooseVersion(page, bad);
  await page.getByRole("dialog").getByRole("button", { name: "Begin a shadow" }).click();
  await expect(page.getByText("No calls were compared yet.")).toBeVisible();
  expect(await ask()).toBe(good);
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole("table", { name: "Different answers" })).toContainText("login", {
      timeout: 1000,
    });
  }).toPass();

  await page.getByRole("button", { name: "Begin a canary" }).click();
  await chooseVersion(page, bad);
  await page.getByLabel("Percent of the calls").fill("99");
  await page.getByRole("dialog").getByRole("button", { name: "Begin a canary" }).click();
  await expect(page.getByText("The canary answers its share")).toBeVisible();
  await expect.poll(ask).toBe(bad);
  await expectAccessible(page);
  await page.setViewportSize({ width: 390, height: 800 });
  await expectWhole(page);
  expect(complaints.filter((text) => !text.includes("409"))).toEqual([]);
});

test("a spreadsheet is answered as a batch and its answers come down", async ({ page }) => {
  test.setTimeout(120_000);
  const { slug, apiKey: key, email, password } = await createTenant("batches");
  await trainSmall(key);
  const complaints = complaintsOf(page);
  await signIn(page, email, password);
  await page.goto(`/${slug}/batches`);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Order a batch" }).click();
  const csv = Buffer.from("id,message\n1,please refund the broken kettle\n2,where is my package\n");
  await page.getByLabel("File").setInputFiles({ name: "mails.csv", mimeType: "text/csv", buffer: csv });
  await page.getByLabel("Column of text").fill("message");
  await page.getByRole("dialog").getByRole("button", { name: "Order a batch" }).click();
  await expect(page.getByText("Done", { exact: true })).toBeVisible({ timeout: 60_000 });
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Answers" }).click();
  const path = await (await downloading).path();
  const labels = readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).response.body.data[0].label);
  expect(labels).toEqual(["refund", "delivery"]);
  await expectWhole(page);
  await page.setViewportSize({ width: 390, height: 800 });
  await expectWhole(page);
  expect(complaints).toEqual([]);
});
