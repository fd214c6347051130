import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import writeXlsxFile from "write-excel-file/node";
import { admin, api, expectAccessible, linkFor, signIn, smallRows, unique } from "./fixtures";

/** The whole way of a new customer, by hand in a browser, and then one call with the key made there. */
test.describe.configure({ mode: "serial" });

const word = unique("kettles");
const email = `owner@${word}.test`;
const password = "a long enough passphrase 1";

test.beforeAll(() => admin("sign-up", "open"));
test.afterAll(() => admin("sign-up", "close"));

async function signUp(page: Page): Promise<void> {
  await page.goto("/");
  await expectAccessible(page);
  await page.goto("/sign-up");
  await page.getByLabel("Organisation").fill(word);
  await page.getByLabel("Name", { exact: true }).fill("Ada Kettle");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Open the account" }).click();
  await expect(page.getByText(email)).toBeVisible();
  await page.goto(await linkFor(page, email));
  await page.getByRole("button", { name: "Confirm the address" }).click();
  await expect(page.getByRole("heading", { name: "Confirmed" })).toBeVisible();
}

test("from sign-up over a spreadsheet to a model that answers in code", async ({ page }) => {
  test.setTimeout(180_000);
  await signUp(page);
  await signIn(page, email, password);
  await page.waitForURL((url) => url.pathname.startsWith(`/${word}`));
  await expectAccessible(page);

  await page.getByRole("link", { name: "New dataset" }).first().click();
  const rows = smallRows().map((row) => [row.text, row.label].map((value) => ({ value })));
  const book = writeXlsxFile([[{ value: "message" }, { value: "queue" }], ...rows]);
  await page.getByLabel("Choose files").setInputFiles({
    name: "tickets.xlsx",
    mimeType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    buffer: await (await book).toBuffer(),
  });
  await page.waitForURL(/datasets\/files/);
  await expect(page.getByLabel("Text", { exact: true })).toHaveValue("message");
  await expect(page.getByLabel("Label", { exact: true })).toHaveValue("queue");
  await expect(page.getByRole("region", { name: "First rows of the file" })).toContainText("please refund");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Create dataset" }).click();

  await page.waitForURL(/datasets\/ds_/);
  await expect(page.getByText("Class balance").first()).toBeVisible();
  await expect(page.getByText("Accepted", { exact: true }).locator("..")).toContainText("120");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Train a model" }).click();
  await page.getByLabel("Recipe").selectOption("wide");
  await page.getByLabel("Answers under").fill("Ticket Router");
  await page.getByLabel("Answer in 8 bits").click();
  await page.getByRole("button", { name: "Start training" }).click();
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("lower-case");
  await page.getByLabel("Answers under").fill("ticket-router");
  await page.getByRole("button", { name: "Start training" }).click();

  await page.waitForURL(/jobs\/ftjob-/);
  await expect(page.getByText("The model is ready and answers.")).toBeVisible({ timeout: 120_000 });
  for (const stage of ["preprocess", "fine-tune", "evaluate", "deploy"])
    await expect(page.locator(`[data-stage="${stage}"]`)).toHaveAttribute("data-status", "done");
  await expect(page.locator('[data-stage="augment"]')).toHaveAttribute("data-status", "skipped");
  await expectAccessible(page);

  await page.getByRole("link", { name: "See how good it is" }).click();
  await expect(page.getByRole("heading", { name: "How good it is" })).toBeVisible();
  await expect(page.getByText("test rows is 100.0 % in int8")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Try it" }).click();
  await page.getByLabel("Rows to try").fill("please refund my kettle\nthe moon is made of cheese");
  await page.getByRole("button", { name: "Predict" }).click();
  const answers = page.getByTestId("answer");
  await expect(answers).toHaveCount(2);
  await expect(answers.nth(0)).toContainText("refund");
  await expect(answers.nth(1)).toContainText("Not like anything I was taught");
  await answers.nth(0).getByRole("button", { name: "Why this answer?" }).click();
  const why = answers.nth(0).getByTestId("explanation");
  await expect(why.getByRole("list", { name: "Speak for refund" })).toContainText("refund");
  await why.getByLabel("Words for and against").selectOption("delivery");
  await expect(why.getByRole("list", { name: "Speak against delivery" })).toContainText("refund");
  await answers.nth(0).getByRole("button", { name: "By gradients" }).click();
  await expect(why.getByText(/The words miss/)).toBeVisible({ timeout: 60_000 });
  await expect(why.getByRole("list", { name: "Speak for refund" })).toContainText("refund");
  await expectAccessible(page);
  const model = await page.getByLabel("Model", { exact: true }).inputValue();

  await page.goto(`/${word}/settings/keys`);
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByLabel("Name").fill("shop");
  await page.getByRole("dialog").getByRole("button", { name: "Create key" }).click();
  const key = (
    await page
      .getByText(/gk_[A-Za-z0-9_-]{20,}/)
      .first()
      .textContent()
  )?.match(/gk_[A-Za-z0-9_-]+/)?.[0];
  const answer = await api("/v1/predictions", {
    key,
    body: { model: "ticket-router", input: "please refund the broken kettle" },
  });
  expect(answer.status).toBe(200);
  expect(answer.body.model).toBe(model);
  expect((answer.body.data as { label: string }[])[0]?.label).toBe("refund");
  // It is shown once, so it stays until the person closes it; then the list has it.
  await page.waitForLoadState("networkidle");
  await expect(page.getByText(key ?? "no key").first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("cell", { name: /^shop/ })).toBeVisible();

  await page.goto(`/${word}/usage`);
  await expect(page.getByText(model).first()).toBeVisible({ timeout: 20_000 });
  await page.getByRole("button", { name: /Ada Kettle/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL(/sign-in|\/$/);
  expect((await page.goto(`/${word}`))?.url()).toContain("/sign-in");
});

test("a labelled file comes back with every row and no live formula", async () => {
  const { apiKey, model } = JSON.parse(
    readFileSync(`${process.env.GRAFT_HOME ?? ".graft"}/ready.json`, "utf8"),
  ) as { apiKey: string; model: string };
  const form = new FormData();
  form.set("model", model);
  form.set("format", "csv");
  form.set("file", new Blob(['text,note\nI was charged twice,=1+1\n"two\nlines",@x\n']), "rows.csv");
  const { status, body } = await api("/v1/predictions/file", { key: apiKey, form });
  expect(status).toBe(200);
  const text = String(body.text);
  expect(text.split("\n")[0]).toMatch(/text,note,label,confidence/);
  expect(text).toContain("'=1+1");
  expect(text).toContain("'@x");
});
