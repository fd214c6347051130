import { expect, test } from "@playwright/test";
import {
  api,
  complaintsOf,
  createTenant,
  expectAccessible,
  expectWhole,
  signIn,
  smallCsv,
  smallRows,
  trainFile,
} from "./fixtures";

/** The header and every third row: a tuning of them is soon done. */
const few = smallCsv()
  .split("\n")
  .filter((_, n) => n % 3 === 0)
  .join("\n");
const QUESTION = "please refund the broken kettle";

test("how much a tuned version's adapter counts is set beside it, answers say so, and it is taken back", async ({
  page,
}) => {
  test.setTimeout(480_000);
  const { slug, apiKey: key, email, password } = await createTenant("strengths");
  const { model } = await trainFile(key, "few.csv", few, "lora", { n_epochs: 1 });
  await api("/v1/deployments", { key, body: { name: "tuned-router", model } });
  const vectorOf = async (model: string) => {
    const { body } = await api("/v1/embeddings", {
      key,
      body: { model, input: QUESTION, encoding_format: "float" },
    });
    return { graft: body.graft, vector: (body.data as { embedding: number[] }[])[0]?.embedding ?? [] };
  };
  const example = { input: QUESTION, expected: "what no version answers" };
  const saved = await api("/v1/deployments/tuned-router/examples", { key, body: example });
  const complaints = complaintsOf(page);
  await signIn(page, email, password);
  await page.goto(`/${slug}/deployments/tuned-router`);
  await expect(
    page.getByText(/Strength of the adapter: (1|0\.75|0\.5), as chosen out of fold/),
  ).toBeVisible();
  await page.getByRole("button", { name: "Set the strength" }).click();
  await expect(page.getByRole("dialog")).toContainText(
    /Accuracy out of fold on \d+ rows: .+ at 0\.5, .+ at 0\.75,? and .+ at 1\./,
  );
  await page.getByLabel("Strength, from 0 to 1").fill("0");
  await page.getByRole("button", { name: "Set", exact: true }).click();
  await expect(page.getByText(/1 of 1 saved examples fail/)).toBeVisible();
  await page.getByLabel("Even if saved examples fail").check();
  await page.getByRole("button", { name: "Set", exact: true }).click();
  await expect(page.getByText(/Strength of the adapter: 0, set here/)).toBeVisible();
  await expect(page.getByText("At 0 itself nothing was measured.")).toBeVisible();
  const [weak, base] = [await vectorOf("tuned-router"), await vectorOf("minilm-l6")];
  expect(weak.graft).toEqual({ strength: 0 });
  for (const [i, value] of weak.vector.entries()) expect(value).toBeCloseTo(base.vector[i] ?? 9, 5);
  await expect(page.getByText(`${model} · strength 0 · although examples failed`)).toBeVisible();
  await expectAccessible(page);
  await page.setViewportSize({ width: 390, height: 800 });
  await expectWhole(page);
  await api(`/v1/deployments/tuned-router/examples/${saved.body.id}`, { key, method: "DELETE" });
  await page.getByRole("button", { name: "As chosen" }).click();
  await expect(page.getByText(`${model} · as chosen out of fold`)).toBeVisible();
  expect((await vectorOf("tuned-router")).graft).toBeUndefined();
  // The browser itself says that the strength was refused.
  expect(complaints.filter((text) => !text.includes("409"))).toEqual([]);
});

test("of a model of numbers the strengths are told by their correlation, beside the model and beside its name", async ({
  page,
}) => {
  test.setTimeout(480_000);
  const { slug, apiKey: key, email, password } = await createTenant("stars");
  const levels = ["login", "delivery", "refund"];
  const rows = smallRows().flatMap(({ text, label }, n) =>
    n % 3 === 0 ? `${text},${1 + levels.indexOf(label)}` : [],
  );
  const { model } = await trainFile(key, "stars.csv", `text,stars\n${rows.join("\n")}\n`, "lora", {
    n_epochs: 1,
  });
  await api("/v1/deployments", { key, body: { name: "stars", model } });
  const complaints = complaintsOf(page);
  await signIn(page, email, password);
  await page.goto(`/${slug}/models/${encodeURIComponent(model)}`);
  const curve = page.getByRole("img", { name: "Pearson correlation by the strength of the adapter" });
  await expect(curve.getByText(/^(✓ )?(1|0\.75|0\.5)$/)).toHaveCount(3);
  await expect(curve.getByText(/^-?\d\.\d{3}$/)).toHaveCount(3);
  await expectAccessible(page);
  await page.goto(`/${slug}/deployments/stars`);
  await expect(page.getByText(/Pearson correlation out of fold on \d+ rows: -?\d\.\d{3} at/)).toBeVisible();
  const answered = await api("/v1/predictions", {
    key,
    body: { model: "stars", input: QUESTION, strength: 0 },
  });
  expect(answered.body).toMatchObject({ graft: { strength: 0 }, data: [{ value: expect.any(Number) }] });
  await page.setViewportSize({ width: 390, height: 800 });
  await expectWhole(page);
  expect(complaints).toEqual([]);
});
