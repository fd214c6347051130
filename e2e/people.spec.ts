import { expect, test } from "@playwright/test";
import { expectAccessible, ready, signIn } from "./fixtures";

test("a tester reaches the console and nothing else", async ({ page }) => {
  const { tenant, tester, model } = ready();
  await signIn(page, tester.email, tester.password);
  await page.waitForURL(new RegExp(`/${tenant}/console`));
  const places = page.getByRole("navigation").first().getByRole("link");
  await expect(places).toHaveCount(1);
  await page.getByLabel("Rows to try").fill("hello");
  await page.getByRole("button", { name: "Predict" }).click();
  await expect(page.getByTestId("answer")).toContainText("Not like anything I was taught");
  await expectAccessible(page);
  for (const path of ["datasets", "jobs", "models", "usage", "settings", "settings/keys", "settings/members"])
    expect((await page.goto(`/${tenant}/${path}`))?.status(), path).toBe(404);
  for (const [path, method] of [
    ["/v1/files", "GET"],
    ["/v1/fine_tuning/jobs", "GET"],
    ["/api/keys", "GET"],
    ["/api/members", "GET"],
    ["/v1/usage", "GET"],
    [`/v1/models/${encodeURIComponent(model)}`, "DELETE"],
  ] as const) {
    const response = await page.request.fetch(path, {
      method,
      headers: { "graft-tenant": tenant, origin: ready().url },
    });
    expect([403, 404], `${method} ${path}`).toContain(response.status());
  }
});

test("an account manager sees the assigned customers and no customer's pages", async ({ page }) => {
  const { tenant, staff } = ready();
  await signIn(page, staff.email, staff.password);
  await page.waitForURL(/\/desk/);
  await expect(page.getByText(tenant, { exact: true })).toBeVisible();
  await expectAccessible(page);
  expect((await page.goto(`/${tenant}`))?.status()).toBe(404);
  expect((await page.goto(`/${tenant}/datasets`))?.status()).toBe(404);
  expect((await page.goto("/operations"))?.status()).toBe(404);
});

test("the public pages are accessible in both languages, light and dark, at both widths", async ({
  browser,
}) => {
  for (const [locale, colorScheme, width] of [
    ["en-US", "light", 1440],
    ["zh-CN", "dark", 390],
  ] as const) {
    const context = await browser.newContext({ locale, colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    for (const path of ["/", "/pricing", "/inquiry", "/sign-in", "/sign-up", "/reset"]) {
      await page.goto(path);
      await expectAccessible(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `${path} at ${width}`).toBeLessThanOrEqual(0);
    }
    await context.close();
  }
});

test("an inquiry from the front door reaches the desk", async ({ page }) => {
  const { staff } = ready();
  await page.goto("/inquiry");
  const company = `Kettle Works ${Date.now()}`;
  await page.getByLabel("Your name").fill("Ada");
  await page.getByLabel("Email").fill("ada@kettle.test");
  await page.getByLabel("Company").fill(company);
  await page.getByLabel("Message").fill("We sort 2,000 tickets a day by hand.");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByText("Thank you, it has arrived")).toBeVisible();
  await signIn(page, staff.email, staff.password);
  await page.goto("/desk");
  await expect(page.getByText(company)).toBeVisible();
});
