import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { afterAll, expect, test } from "vitest";
import { cachedBase } from "../../bases.fixture";
import { answer, tokenizersOf, trainingFolder } from "./order.fixture";
import { engine } from "./text-classification.engine";

const folder = trainingFolder();
afterAll(folder.remove);

const base = await cachedBase();

/** Trains on a sample and says of each text whether it is out of scope. */
async function scopesOf(sample: string, recipe: string, texts: readonly string[]) {
  const path = fileURLToPath(new URL(`../../../samples/${sample}`, import.meta.url));
  const records = parse(readFileSync(path), { columns: true }) as { text: string; label: string }[];
  const rows = records.map(({ text, label }) => ({ input: text, target: label }));
  const of = recipe === "lexical" ? null : base;
  const { report, artifactDir } = await engine.train(folder.order(rows, { recipe, base: of }), folder.run());
  const model = await engine.open(artifactDir, tokenizersOf(of));
  const answers = (await answer(model, texts, of)) as { out_of_scope?: boolean }[];
  return { report, outOfScope: answers.map((answer) => answer.out_of_scope) };
}

const FOREIGN = ["hello", "The recipe needs two eggs and a pinch of salt"];

test.skipIf(!base).each(["support-tickets.csv", "reviews.csv"])(
  "a head taught %s knows that hello is none of it",
  async (sample) => {
    const { report, outOfScope } = await scopesOf(sample, "head", FOREIGN);
    expect(report.scope?.auroc ?? 0).toBeGreaterThan(0.65);
    expect(outOfScope).toEqual([true, true]);
  },
  120_000,
);

test("words alone know that hello is no support ticket, and that a ticket is one", async () => {
  const known = "I was charged twice for my order, £99 each time";
  const { report, outOfScope } = await scopesOf("support-tickets.csv", "lexical", [...FOREIGN, known]);
  expect(report.scope?.auroc ?? 0).toBeGreaterThan(0.65);
  expect(report.scope?.measured?.rounds).toBe(2);
  // What it loses of its own rows is measured, not what the threshold was to keep.
  const { value = 0, low = 0, high = 0 } = report.scope?.withheld ?? {};
  expect(value).toBeGreaterThan(0.04);
  expect(value).toBeLessThan(0.3);
  expect([low < value, high > value]).toEqual([true, true]);
  expect(outOfScope).toEqual([true, true, false]);
});
