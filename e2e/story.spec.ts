import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import {
  admin,
  complaintsOf,
  expectAccessible,
  expectWhole,
  jsonFile,
  linkFor,
  playCalls,
  ready,
  SELLER,
  signIn,
  smallRows,
  unique,
  until,
} from "./fixtures";

/** Two people, each in a browser of their own: somebody who needs a model, and who makes it happen at the desk. */

const company = unique("Clinic");
const email = `ada@${company.toLowerCase()}.test`;
const csv = (rows: { text: string; label: string }[]) =>
  `text,label\n${rows.map(({ text, label }) => `${text},${label}`).join("\n")}\n`;
/** Every fourth row is kept to be measured on. */
const [sample, taught] = [0, 1].map((part) =>
  smallRows().filter((_, i) => (i % 4 === 0 ? 0 : 1) === part),
) as [ReturnType<typeof smallRows>, ReturnType<typeof smallRows>];

const monthAgo = (months: number) => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1)).toISOString().slice(0, 7);
};
const [MONTH, NEXT] = [monthAgo(2), monthAgo(1)];
const SHEET = {
  base: "190",
  meters: { "inference.row": { included: "100", tiers: [{ up_to: null, unit_decimal: "0.002" }] } },
};

test.beforeAll(() => admin("seller", "set", "--file", jsonFile("seller", SELLER)));

test("an inquiry becomes a project, a signed quote, a model that reaches what was agreed, and invoices", async ({
  browser,
}) => {
  test.setTimeout(300_000);
  const [customer, staff] = await Promise.all([person(), person()]);
  const complaints = complaintsOf(customer, staff);
  async function person(): Promise<Page> {
    return (await browser.newContext({ locale: "en-US", baseURL: ready().url })).newPage();
  }

  // A stranger asks.
  await customer.goto("/inquiry");
  await customer.getByText("Have one made").click();
  await customer.getByLabel("Your name").fill("Ada Clinic");
  await customer.getByLabel("Company").fill(company);
  await customer.getByLabel("Email").fill(email);
  await customer.getByLabel("Message").fill("Can letters be sorted by department?");
  await customer.getByRole("button", { name: "Send" }).click();
  await expect(customer.getByText("Thank you, it has arrived")).toBeVisible();

  // The desk takes it.
  const { staff: manager } = ready();
  await signIn(staff, manager.email, manager.password);
  await staff.goto("/desk");
  const inquiry = staff
    .getByRole("list", { name: "Inquiries" })
    .getByRole("listitem")
    .filter({ hasText: company });
  await inquiry.getByRole("button", { name: "Take" }).click();
  await inquiry.getByRole("link", { name: "Project" }).click();
  await staff.waitForURL(/projects\/prj_/);
  await expect(staff.getByText("Can letters be sorted by department?")).toBeVisible();
  await staff.getByLabel("Write a message").fill("Gladly. Please show us a sample.");
  await staff.getByRole("button", { name: "Send" }).click();
  await expect(staff.getByText("Gladly. Please show us a sample.")).toBeVisible();
  await expectAccessible(staff);
  const project = new URL(staff.url());

  // The customer comes in by the mailed link, answers, and shows a sample.
  await customer.goto(await linkFor(customer, email));
  await customer.getByLabel("Name", { exact: true }).fill("Ada Clinic");
  await customer.getByLabel("Password", { exact: true }).fill("a long enough passphrase 1");
  await customer.getByRole("button", { name: "Accept the invitation" }).click();
  await customer.waitForURL((url) => url.pathname.startsWith(`/${slugOf(project)}`));
  await customer.getByRole("link", { name: "To your project" }).click();
  await customer.getByRole("link", { name: company }).click();
  await expect(customer.getByText("Gladly. Please show us a sample.")).toBeVisible();
  await customer
    .getByLabel("Which decision should the model make?")
    .fill("Which department a letter goes to");
  await customer.getByRole("button", { name: "Save and go on" }).click();
  await expect(customer.getByLabel("How many cases a month?")).toBeVisible();
  await expectWhole(customer);
  await expectAccessible(customer);
  const slug = slugOf(project);
  await dataset(customer, slug, "sample.csv", csv(sample));
  await customer.goto(`/${slug}/billing`);
  await customer.getByLabel("Legal name").fill(`${company} AG`);
  await customer.getByLabel("Invoices go to").fill(`accounts@${company.toLowerCase()}.test`);
  await customer.getByLabel("Street and number").fill("Am Ring 3");
  await customer.getByLabel("City").fill("Berlin");
  await customer.getByLabel("Country").fill("de");
  await customer.getByRole("button", { name: "Save" }).click();
  await expect(customer.getByText("The billing profile is saved.")).toBeVisible();

  // The desk looks at the sample: sums and classes, no row.
  await staff.reload();
  await staff.getByRole("button", { name: "Look at it" }).click();
  await expect(staff.getByRole("region", { name: "What we found" })).toBeVisible({ timeout: 90_000 });

  // A quote, with a deposit and a milestone that is measured on the sample.
  await staff.goto(`${project.pathname}/quote`);
  const milestone = staff.getByRole("group", { name: "Milestones 1" });
  await milestone.getByLabel("Milestone", { exact: true }).fill("The model");
  await milestone.getByLabel("By", { exact: true }).fill("2099-05-01");
  await milestone.getByLabel("Measured on").selectOption({ label: `sample (${sample.length})` });
  await milestone.getByLabel("At least, %").fill("80");
  await milestone.getByLabel("Counts").selectOption("point");
  await milestone.getByLabel("Rows at least").fill(String(sample.length));
  const first = staff.getByRole("group", { name: "Lines 1" });
  await first.getByLabel("Description").fill("Deposit");
  await first.getByLabel("Price of one").fill("1000");
  await staff.getByRole("button", { name: "Add a line" }).click();
  const second = staff.getByRole("group", { name: "Lines 2" });
  await second.getByLabel("Description").fill("A model that sorts letters");
  await second.getByLabel("Price of one").fill("4000");
  await second.getByLabel("Due with").selectOption({ label: "The model" });
  await expect(staff.getByText("EUR 5,000.00")).toBeVisible();
  await expectAccessible(staff);
  await staff.getByRole("button", { name: "Save the draft" }).click();
  await staff.waitForURL((url) => url.pathname === project.pathname);
  await staff.getByRole("button", { name: "Send to the customer" }).click();
  await expect(staff.getByText("waits for signature")).toBeVisible();

  // Signed: the deposit is invoiced, and training may begin.
  await customer.goto(`/${slug}/projects/${project.pathname.split("/").at(-1)}`);
  await expectWhole(customer);
  await customer.getByRole("button", { name: "Sign" }).click();
  await customer.getByLabel("Your full name").fill("Ada Clinic");
  await customer.getByRole("checkbox", { name: /I may sign for/ }).check();
  await customer.getByRole("dialog").getByRole("button", { name: "Sign" }).click();
  await expect(customer.getByText("signed", { exact: true })).toBeVisible();
  const pdf = await customer.getByRole("link", { name: /^PDF/ }).first().getAttribute("href");
  const document = await customer.request.get(pdf ?? "");
  expect((await document.body()).subarray(0, 5).toString()).toBe("%PDF-");
  await train(customer, slug, csv(taught));

  // Handed in, measured on the rows that were signed, reached.
  await staff.reload();
  await staff.getByRole("button", { name: "Hand in a model" }).click();
  await staff.getByRole("dialog").getByRole("button", { name: "Hand in a model" }).click();
  await expect(staff.getByText("reached, in review")).toBeVisible({ timeout: 60_000 });
  await customer.reload();
  await expect(customer.getByText(new RegExp(`Run 1 of 5: .* on ${sample.length} rows`))).toBeVisible();
  await expectAccessible(customer);

  // One label was wrong, says the customer: the same answers are judged again.
  await customer.getByRole("link", { name: "See the answers" }).click();
  await customer.waitForURL(/runs\/acr_/);
  await expectAccessible(customer);
  await customer.getByRole("combobox").first().selectOption("login");
  await customer.getByRole("button", { name: "Contest 1 label" }).click();
  await expect(customer.getByText(/^Judged again by contested labels/)).toBeVisible();
  await customer.getByRole("button", { name: "Accept", exact: true }).click();
  await customer.getByRole("dialog").getByRole("button", { name: "Accept" }).click();
  await expect(customer.getByText("accepted and invoiced")).toBeVisible();
  await customer.goto(`/${slug}/billing`);
  await expect(customer.getByRole("row", { name: /EUR 1,190.00/ })).toBeVisible();
  await expect(customer.getByRole("row", { name: /EUR 4,760.00/ })).toBeVisible();

  // Two months ago, as the product's own recording is told: calls, their invoice, and the customer's own arithmetic.
  const plan = unique("story");
  const priced = ["--plan", plan, "--name", "Story", "--currency", "EUR", "--from", `${MONTH}-01`];
  await admin("price", "add", ...priced, "--file", jsonFile("story-sheet", SHEET));
  await admin("subscription", "start", "--plan", plan, "--from", `${MONTH}-01`, slug);
  await playCalls(slug, MONTH);
  await admin("invoice", "run", MONTH);
  await customer.reload();
  const monthly = customer.getByRole("row", { name: new RegExp(MONTH) });
  // 190 of fee, and 650 rows beyond the 100 that are included.
  await expect(monthly).toContainText("EUR 227.65");
  const ledger = `/v1/usage/ledger?from=${MONTH}-01&to=${NEXT}-01&graft_tenant=${slug}`;
  const sent = await customer.request.get(ledger);
  const lines = await sent.text();
  expect(sent.status(), lines).toBe(200);
  expect(recompute(lines)).toMatch(
    new RegExp(`INV-\\d{6}, ${MONTH}-01 to ${NEXT}-01: 3 lines in EUR are right`),
  );

  // A part of it is credited, at the desk, and the customer sees it.
  await staff.goto(`/desk/${slug}/billing`);
  await expectWhole(staff);
  await staff
    .getByRole("row", { name: new RegExp(MONTH) })
    .getByRole("link", { name: /INV-/ })
    .click();
  await staff.waitForURL(/billing\/ivc_/);
  await staff.getByLabel(/^Credit of: Monthly fee/).fill("90");
  await staff.getByLabel("Why it is credited").fill("A slow day");
  await expectAccessible(staff);
  await staff.getByRole("button", { name: "Write a credit note" }).click();
  await expect(staff.getByRole("table", { name: "Credit notes" })).toContainText("A slow day");
  await customer.reload();
  await expect(customer.getByRole("table", { name: "Credit notes" })).toContainText("EUR 107.10");

  // Rows stay closed to the desk until the customer opens them, and again afterwards.
  await staff.goto(project.pathname);
  await staff.getByRole("button", { name: "Ask to see rows" }).click();
  await staff.getByLabel("Why").fill("To see which letters are hard");
  await staff.getByRole("dialog").getByRole("button", { name: "Ask to see rows" }).click();
  await expect(staff.getByText("The customer was asked.")).toBeVisible();
  await customer.goto(`/${slug}/projects/${project.pathname.split("/").at(-1)}`);
  await customer.getByRole("button", { name: "Allow" }).click();
  await expect(customer.getByRole("button", { name: "End now" })).toBeVisible();
  await staff.reload();
  await staff.getByRole("link", { name: "See rows" }).click();
  await expect(staff.getByRole("table")).toContainText("please refund");
  await customer.getByRole("button", { name: "End now" }).click();
  await expect(customer.getByRole("button", { name: "End now" })).toBeHidden();
  expect((await staff.reload())?.status()).toBe(404);
  expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
});

/** The customer's own check, as it is handed out. */
function recompute(lines: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "graft-story-")), "usage.ndjson");
  writeFileSync(path, lines);
  return execFileSync("node", ["clients/verify-usage.mjs", path], { encoding: "utf8" });
}

const slugOf = (desk: URL) => desk.pathname.split("/")[2] ?? "";

/** As the upload page does it, without its clicks: customer.spec.ts plays those. */
async function upload(page: Page, slug: string, name: string, text: string): Promise<string> {
  const headers = { "graft-tenant": slug, origin: ready().url };
  const file = { name, mimeType: "text/csv", buffer: Buffer.from(text) };
  const sent = await page.request.post("/v1/files", { headers, multipart: { purpose: "fine-tune", file } });
  expect(sent.status(), await sent.text()).toBe(200);
  return (await sent.json()).id;
}

async function dataset(page: Page, slug: string, name: string, text: string): Promise<string> {
  const headers = { "graft-tenant": slug, origin: ready().url };
  const file_id = await upload(page, slug, name, text);
  const columns = { text: "text", label: "label" };
  const data = { file_id, columns, name: name.replace(".csv", ""), task: "text-classification" };
  const made = await page.request.post("/api/datasets", { headers, data });
  expect(made.status(), await made.text()).toBe(200);
  const { id, dataset_id } = await made.json();
  await until("the sample is read", async () => {
    const { data: all } = await (await page.request.get("/api/datasets", { headers })).json();
    const versions = all.find((one: { id: string }) => one.id === dataset_id)?.versions ?? [];
    return versions.some((one: { status: string }) => one.status === "ready") || null;
  });
  return id;
}

async function train(page: Page, slug: string, text: string): Promise<string> {
  const headers = { "graft-tenant": slug, origin: ready().url };
  const training_file = await upload(page, slug, "letters.csv", text);
  const data = { model: "minilm-l6", training_file, suffix: "letters", graft: { recipe: "wide" } };
  const made = await page.request.post("/v1/fine_tuning/jobs", { headers, data });
  expect(made.status(), await made.text()).toBe(200);
  const { id } = await made.json();
  return until("the training", async () => {
    const job = await (await page.request.get(`/v1/fine_tuning/jobs/${id}`, { headers })).json();
    if (job.status === "failed") throw new Error(JSON.stringify(job.error));
    return job.status === "succeeded" ? String(job.fine_tuned_model) : null;
  });
}
