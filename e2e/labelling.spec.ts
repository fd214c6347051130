import { expect, type Page, test } from "@playwright/test";
import {
  api,
  createTenant,
  expectAccessible,
  type MadeTenant,
  signIn,
  smallRows,
  trainFile,
  unique,
} from "./fixtures";

/** From a file without labels to a dataset, by keys on a desk and by touch on a phone, in both languages. */
test.describe.configure({ mode: "serial" });

let tenant: MadeTenant;
test.beforeAll(async () => {
  tenant = await createTenant("labels");
});

const CLASSES = ["refund", "login", "delivery"];
const truthOf = (text: string) => smallRows().find((row) => row.text === text)?.label ?? "";
const textOn = async (page: Page) => (await page.getByTestId("text").textContent()) ?? "";

/** Until another text is there than the one that was answered. */
const nextText = (page: Page, before: string) => expect(page.getByTestId("text")).not.toHaveText(before);

async function uploadTexts(page: Page): Promise<void> {
  await page.goto(`/${tenant.slug}/datasets/new`);
  const rows = smallRows().map(({ text }) => text);
  await page.getByLabel(/Choose files|选择文件/).setInputFiles({
    name: `${unique("messages")}.csv`,
    mimeType: "text/csv",
    buffer: Buffer.from(`message\n${rows.join("\n")}\n`),
  });
  await page.waitForURL(/datasets\/files/);
}

test("a person labels by keys, takes back, skips and declines, and orders a dataset of what they said", async ({
  page,
}) => {
  test.setTimeout(400_000);
  await signIn(page, tenant.email, tenant.password);
  await uploadTexts(page);
  await page.getByLabel(/^Classes/).fill("refund: wants money back\nlogin: cannot sign in\ndelivery");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Start labelling" }).click();
  await page.waitForURL(/datasets\/labelling\/lab_/);
  await expect(page.getByTestId("text")).toBeVisible({ timeout: 60_000 });
  await expectAccessible(page);
  await expect(page.getByText(/^Suggested: /)).toBeVisible();
  await expect(page.getByTestId("accuracy")).toContainText("Not enough labels yet");

  let before = await textOn(page);
  await page.keyboard.press("0");
  await nextText(page, before);
  await expect(page.getByText("1 of 120")).toBeVisible();
  await page.keyboard.press("u");
  await expect(page.getByTestId("text")).toHaveText(before);
  await expect(page.getByText("0 of 120")).toBeVisible();
  await page.keyboard.press("s");
  await nextText(page, before);
  await expect(page.getByText("Skipped: 1.")).toBeVisible();

  // The wrong one, then back to it and the right one.
  before = await textOn(page);
  const right = CLASSES.indexOf(truthOf(before));
  await page.keyboard.press(String(((right + 1) % 3) + 1));
  await nextText(page, before);
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByTestId("text")).toHaveText(before);
  await expect(page.getByText(`Answered: ${CLASSES[(right + 1) % 3]}`)).toBeVisible();
  await page.keyboard.press(String(right + 1));
  await nextText(page, before);

  for (let done = 1; done < 40; done++) {
    before = await textOn(page);
    await page.keyboard.press(String(CLASSES.indexOf(truthOf(before)) + 1));
    await nextText(page, before);
  }
  await expect(page.getByText("40 of 120")).toBeVisible();

  await page.getByRole("button", { name: "Show preview" }).click();
  await page.getByLabel("Confidence at least").selectOption("0");
  await expect(
    page.getByRole("region", { name: "Label the rest by the model" }).getByRole("row"),
  ).not.toHaveCount(1);
  const machine = page.getByRole("button", { name: "Create dataset with machine labels" });
  await expect(machine).toBeDisabled();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Create dataset", exact: true }).click();
  await page.waitForURL(/datasets\/ds_/);
  await expect(page.getByText("Accepted", { exact: true }).locator("..")).toContainText("40", {
    timeout: 60_000,
  });
});

test("on a phone and in Chinese the same is done by touch, and nothing is wider than the screen", async ({
  browser,
}) => {
  test.setTimeout(300_000);
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    locale: "zh-CN",
  });
  const page = await context.newPage();
  await page.goto("/sign-in");
  await page.locator("input[name=email]").fill(tenant.email);
  await page.locator("input[type=password]").fill(tenant.password);
  await page.locator("form button[type=submit]").click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  await uploadTexts(page);
  await page.getByLabel(/^类别/).fill("refund\nlogin\ndelivery");
  await page.getByRole("button", { name: "开始标注" }).click();
  await page.waitForURL(/datasets\/labelling\/lab_/);
  await expect(page.getByTestId("text")).toBeVisible({ timeout: 60_000 });
  for (let done = 0; done < 3; done++) {
    const before = await textOn(page);
    await page
      .getByTestId("labeller")
      .getByRole("button", { name: truthOf(before) })
      .tap();
    await nextText(page, before);
  }
  await page.getByRole("button", { name: "撤销" }).tap();
  await expect(page.getByText("2 / 120")).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await expectAccessible(page);
  await context.close();
});

test("a model's page says how many rows taught it without being measured, and measures on the others", async ({
  page,
}) => {
  test.setTimeout(200_000);
  const marked = smallRows().map(
    ({ text, label }, n) => `${text},${label},${n % 3 === 0 ? "model" : "person"}`,
  );
  const csv = `text,label,labelled_by\n${marked.join("\n")}\n`;
  const { model } = await trainFile(tenant.apiKey, "marked.csv", csv);
  await signIn(page, tenant.email, tenant.password);
  const { body } = await api(`/v1/models/${encodeURIComponent(model)}`, { key: tenant.apiKey });
  await page.goto(`/${tenant.slug}/models/${(body.graft as { id: string }).id}`);
  await expect(page.getByText(/40 of them were labelled by a model: they taught/)).toBeVisible();
  await expect(page.getByText(/measured across folds on 80 rows/)).toBeVisible();
});
