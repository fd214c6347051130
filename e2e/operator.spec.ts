import { type Browser, expect, type Page, test } from "@playwright/test";
import {
  admin,
  complaintsOf,
  createTenant,
  expectAccessible,
  expectWhole,
  ready,
  SELLER,
  signIn,
  unique,
} from "./fixtures";

const monthsAgo = (months: number) => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1)).toISOString().slice(0, 10);
};
const FROM = monthsAgo(2);

async function signInAsOperator(page: Page): Promise<void> {
  const email = `${unique("operator")}@graft.test`;
  const { password } = await admin<{ password: string }>(
    ...["staff", "create", "--role", "operator", "--email", email],
  );
  await signIn(page, email, password);
}

/** A customer whose billing profile is filled in, and a page of theirs. */
async function makeCustomer(browser: Browser) {
  const tenant = await createTenant("priced");
  const page = await (await browser.newContext()).newPage();
  await signIn(page, tenant.email, tenant.password);
  const answer = await page.request.put("/api/billing/profile", {
    headers: { "graft-tenant": tenant.slug, origin: ready().url },
    data: {
      ...{ legalName: "Buyer AG", address: SELLER.address, country: "DE", taxId: null },
      ...{ taxStatus: "standard", currency: "EUR", poNumber: null, isPoRequired: false, termsDays: 14 },
      ...{ emails: ["accounts@buyer.test"], locale: "en" },
    },
  });
  expect(answer.status()).toBe(200);
  return { slug: tenant.slug, page };
}

/** Other journeys name the same seller meanwhile: what is saved here is what they save. */
test("an operator fills in who sells, and a mistyped account number is refused where it stands", async ({
  page,
}) => {
  await signInAsOperator(page);
  const complaints = complaintsOf(page);
  await page.goto("/operations");
  await page.getByRole("link", { name: "Seller", exact: true }).click();
  await page.getByLabel("Legal name").fill(SELLER.name);
  await page.getByLabel("E-mail for questions").fill(SELLER.email);
  await page.getByLabel("Street and number").fill(SELLER.address.lines.join("\n"));
  await page.getByLabel("Postcode").fill(SELLER.address.postcode);
  await page.getByLabel("City").fill(SELLER.address.city);
  await page.getByLabel("Country").fill("de");
  await page.getByLabel("Time zone").fill(SELLER.timeZone);
  await page.getByLabel("Tax id").fill(SELLER.taxId);
  await page.getByLabel("Standard tax rate").fill("19");
  await page.getByLabel("Version of the terms").fill(SELLER.termsVersion);
  await page.getByLabel("IBAN").fill("DE02 1203 0000 0000 2020 52");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Has a mistyped digit")).toBeVisible();
  // The browser names every refused request on its console.
  complaints.length = 0;
  await page.getByLabel("IBAN").fill("DE02 1203 0000 0000 2020 51");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The seller is saved.")).toBeVisible();
  await expect(page.getByText("DE02 1203 0000 0000 2020 51", { exact: true })).toBeVisible();
  await expect(page.getByLabel("Missing")).toHaveCount(0);
  await expectWhole(page);
  await expectAccessible(page);
  expect(complaints).toEqual([]);
});

test("prices that an operator adds are on the front door, a customer pays others, and a credit is called a credit", async ({
  page,
  browser,
}) => {
  const customer = await makeCustomer(browser);
  const plan = unique("steady");
  await signInAsOperator(page);
  const complaints = complaintsOf(page, customer.page);

  await page.goto("/operations/prices");
  await page.getByRole("button", { name: "New plan" }).click();
  await page.getByLabel("Name", { exact: true }).fill(plan);
  await page.getByLabel("Short name").fill(plan);
  await page.getByRole("button", { name: "Make the plan" }).click();
  await page.getByRole("link", { name: plan, exact: true }).click();
  await page.getByRole("link", { name: "Add prices" }).click();
  await page.getByLabel("From", { exact: true }).fill(FROM);
  await page.getByLabel("Base fee a month in EUR").fill("190");
  await page.getByRole("button", { name: "Set a price: Rows answered", exact: true }).click();
  await page.getByLabel("Included a month: Rows answered").fill("500000");
  await page.getByLabel("Rows answered, tier 1: EUR a unit").fill("0.0004");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Add these prices" }).click();
  await expect(page.getByText("EUR 0.0004 each")).toBeVisible();
  await page.getByRole("switch", { name: "Hidden" }).click();
  await expect(page.getByText(`${plan} is public.`)).toBeVisible();
  await expectWhole(page);
  await expectAccessible(page);

  await customer.page.goto("/pricing");
  const column = customer.page.getByRole("article").filter({ hasText: plan });
  await expect(column).toContainText("€190");
  await expect(column).toContainText("500,000");
  await expect(column).toContainText("€0.40");

  await page.goto(`/desk/${customer.slug}/billing`);
  await page.getByRole("link", { name: "Put on a plan" }).click();
  await page.getByLabel("Plan", { exact: true }).selectOption({ label: plan });
  await page.getByLabel("From", { exact: true }).fill(FROM);
  await page.getByLabel("Base fee a month in EUR").fill("100");
  await page.getByRole("button", { name: "Put on the plan" }).click();
  await expect(page.getByText(`On the plan ${plan}`)).toBeVisible();
  await expect(page.getByText("agreed otherwise")).toBeVisible();
  await expectWhole(page);
  await expectAccessible(page);

  await admin("invoice", "run", FROM.slice(0, 7));
  await page.reload();
  const invoice = page.getByRole("row", { name: /INV-\d{6}/ });
  // The agreed fee and 19 %, not the listed one.
  await expect(invoice).toContainText("EUR 119.00");
  await invoice.getByRole("link").click();
  await page.getByLabel(/^Credit of/).fill("40");
  await page.getByLabel("Why it is credited").fill("A late start");
  await page.getByRole("button", { name: "Write a credit note" }).click();
  await expect(page.getByText(/Credit note CN-\d{6} is issued/)).toBeVisible();

  for (const reader of [page, customer.page]) {
    if (reader === customer.page) await reader.goto(`/${customer.slug}/billing`);
    const credited = reader.getByRole("row", { name: /Partly credited/ });
    await expect(credited).toContainText("EUR 71.40");
    const href = await reader.getByRole("link", { name: /^PDF CN-/ }).getAttribute("href");
    const file = await reader.request.get(href ?? "");
    expect((await file.body()).subarray(0, 5).toString()).toBe("%PDF-");
    await expectWhole(reader);
    await expectAccessible(reader);
  }
  expect(complaints).toEqual([]);
});
