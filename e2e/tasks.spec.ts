import { readFileSync } from "node:fs";
import { expect, type Locator, type Page, test } from "@playwright/test";
import {
  api,
  card,
  complaintsOf,
  createTenant,
  expectAccessible,
  expectWhole,
  type MadeTenant,
  pagesOf,
  type Trained,
  trainedOf,
  trainFile,
  uploadFile,
} from "./fixtures";

/** What a trained model's pages say, for every task but one label a text, and answers with their reasons in the console. */

interface Case {
  what: string;
  sample: string;
  task: string;
  figures: RegExp[];
  cards: string[];
  /** What is typed, by the label of its field. */
  typed: Record<string, string>;
  answered(answer: Locator): Promise<void>;
}

const PERCENT = String.raw`\d+(\.\d)?%`;
const share = (name: string) => new RegExp(`${name}\\s*${PERCENT}\\s*95% interval ${PERCENT} to ${PERCENT}`);
const plain = (name: string) =>
  new RegExp(`${name}\\s*\\d\\.\\d{3}\\s*95% interval \\d\\.\\d{3} to \\d\\.\\d{3}`);
const NUMBERS = [plain("Pearson correlation"), plain("Spearman correlation"), plain("Mean absolute error")];
const expectNumber = (answer: Locator) =>
  expect(answer).toContainText(/\d(\.\d+)? -?[\d.]+ to [\d.]+, which holds the truth in 90% of cases/);
/** Asked why, an answer marks words and lists what they do to it. */
async function expectTold(answer: Locator, side: string | RegExp, effect: RegExp) {
  await answer.getByRole("button", { name: "Why this answer?" }).click();
  const why = answer.getByTestId("explanation");
  await expect(why.getByRole("list", { name: side }).getByRole("listitem").first()).toHaveText(effect);
  await expect(why.locator("mark").first()).toBeVisible();
}
const MANUAL =
  "The Bergen 40 kettle holds 1.7 litres.\nIt turns itself off after four minutes without water.";

/** The quickest to train first, as each waits for its own. */
const CASES: Case[] = [
  {
    what: "several labels",
    sample: "ticket-topics.csv",
    task: "text-multi-label",
    figures: [share("Micro-F1"), share("Macro-F1"), share("All labels right")],
    cards: ["Rows with wrong answers", "Classes"],
    typed: { "Rows to try": "I was charged twice for one order. Where is my parcel?" },
    async answered(answer) {
      await expect(answer.getByRole("list", { name: "Probabilities" }).getByRole("listitem")).toHaveCount(5);
      await expectTold(answer, /^Speak for /, /× [\d.]+$/);
    },
  },
  {
    what: "answers from a text",
    sample: "manual-questions.csv",
    task: "text-answers",
    figures: [share("F1 of the answer's words"), share("Exactly right")],
    cards: ["Answers farthest from the truth"],
    typed: { Question: "How much water does the kettle hold?", Context: MANUAL },
    async answered(answer) {
      const found = (await answer.locator(".text-lg").textContent()) ?? "";
      expect(MANUAL).toContain(found);
      await expect(answer.locator("mark")).toHaveText(new RegExp(`^${found}\\d+(\\.\\d)?%$`));
    },
  },
  {
    what: "a number for two texts",
    sample: "ticket-pairs.csv",
    task: "text-similarity",
    figures: NUMBERS,
    cards: ["Answer and truth", "Farthest from the truth"],
    typed: { Text: "Please refund the shipping fee", "Second text": "I want the shipping fee back" },
    async answered(answer) {
      await expectNumber(answer);
      await expectTold(answer, "Raise the number", /^\w+(Text|Second text)\+ [\d.]+$/);
    },
  },
  {
    what: "a number that is a level",
    sample: "review-stars.csv",
    task: "text-number",
    figures: NUMBERS,
    cards: ["Answer and truth", "Levels", "Farthest from the truth"],
    typed: { "Rows to try": "Never again. Mould in the corner of the bathroom." },
    async answered(answer) {
      await expect(answer).toContainText(
        /[1-5] from the number [\d.]+; [\d.]+ to [\d.]+ holds the truth in 90% of cases/,
      );
      await expectTold(answer, "Lower the number", /− [\d.]+$/);
    },
  },
  {
    what: "spans in a text",
    sample: "order-mails.jsonl",
    task: "text-entities",
    figures: [share("F1 of whole spans")],
    cards: ["Can its confidence be trusted?", "Classes", "Spans that were missed or are wrong"],
    typed: { "Rows to try": "The parcel of order HV-47743 has been in Gdansk since last Tuesday." },
    answered: (answer) =>
      expect(answer.locator("mark").filter({ hasText: "HV-47743" })).toHaveText(
        /^HV-47743order \d+(\.\d)?%$/,
      ),
  },
];

test.describe("every other task", () => {
  let tenant: MadeTenant;
  let pages: { page: Page; small: Page };
  const training = new Map<string, Promise<Trained>>();

  test.beforeAll(async ({ browser }) => {
    tenant = await createTenant("reports");
    const train = async ({ sample }: Case) => {
      const { model } = await trainFile(tenant.apiKey, sample, readFileSync(`samples/${sample}`, "utf8"));
      return trainedOf(tenant.apiKey, model);
    };
    // All at once; a test waits for its own, and only then says that it failed.
    for (const one of CASES) {
      const made = train(one);
      made.catch(() => {});
      training.set(one.sample, made);
    }
    pages = await pagesOf(browser, tenant);
  });

  for (const one of CASES)
    test(`${one.what}: the page shows the task's own figures, and the console answers in its own way`, async () => {
      const { id = "", model = "", task } = (await training.get(one.sample)) ?? {};
      expect(task).toBe(one.task);
      const { page, small } = pages;
      const complaints = complaintsOf(page, small);

      await page.goto(`/${tenant.slug}/models/${id}`);
      for (const figure of one.figures) await expect(card(page, "How good it is")).toHaveText(figure);
      for (const title of one.cards) await expect(card(page, title)).toBeVisible();
      await expectWhole(page);
      await expectAccessible(page);

      await page.getByRole("link", { name: "Try it" }).click();
      for (const [field, text] of Object.entries(one.typed))
        await page.getByLabel(field, { exact: true }).fill(text);
      await page.getByRole("button", { name: "Predict" }).click();
      await one.answered(page.getByTestId("answer"));
      await expectWhole(page);
      await expectAccessible(page);

      for (const path of [`models/${id}`, `console?model=${encodeURIComponent(model)}`]) {
        await small.goto(`/${tenant.slug}/${path}`);
        await expectWhole(small);
      }
      expect(complaints).toEqual([]);
    });

  test("only files with one label a text are offered beside an adapter", async () => {
    const { page } = pages;
    const name = "support-tickets.csv";
    const id = await uploadFile(tenant.apiKey, name, readFileSync(`samples/${name}`));
    await expect
      .poll(async () => (await api(`/v1/files/${id}`, { key: tenant.apiKey })).body.status)
      .toBe("processed");
    await page.goto(`/${tenant.slug}/models`);
    await page.getByRole("button", { name: "Import an adapter" }).click();
    const offered = page.getByLabel("Labelled rows").getByRole("option");
    await expect(offered).toHaveText(["Choose a file", name]);
  });
});
