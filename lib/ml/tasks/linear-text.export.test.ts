import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inputNames } from "../../tasks";
import { TASKS } from "../catalogue";
import { countNgrams, fitVocabulary } from "../data/features";
import { packNgrams } from "../linear/ngram-block";
import { answerHere } from "../portable/parity";
import type { LinearModel, LinearRecipe } from "../recipes/linear-text";
import type { Engine, ExportOrder } from "../task";
import { contents, drawing, exportFolder, HIDDEN, near, TEXTS } from "./export.fixture";
import { openExported } from "./exported";
import { writeLinear } from "./linear-text.artifact";

const folder = exportFolder();
const { base } = folder;
beforeAll(folder.writeBase);
afterAll(folder.remove);

const PAIRS = TEXTS.map((text, i) => ({ text, text_b: TEXTS[(i + 1) % TEXTS.length] ?? "" }));
const LABELS = ["delivery", "money", "refund"];
const STARS = {
  mean: 3,
  spread: 0.8,
  least: 1,
  most: 5,
  half: 0.75,
  levels: [1, 2, 3, 4, 5],
  cuts: [1.5, 2.5, 3.5, 4.5],
};

const KINDS = [
  { task: "text-multi-label", labels: LABELS, settings: { thresholds: [0.3, 0.5, 0.7] }, inputs: TEXTS },
  { task: "text-number", labels: [], settings: STARS, inputs: TEXTS },
  { task: "text-similarity", labels: [], settings: STARS, inputs: PAIRS },
] as const;
type Kind = (typeof KINDS)[number];
const WIDTHS = { embedding: HIDDEN, side_by_side: 2 * HIDDEN + 1, overlap: 3 };

async function randomModel({ parts, hasNgrams, needs }: LinearRecipe, outputs: number): Promise<LinearModel> {
  const draw = drawing();
  const inputs = parts.reduce((sum, part) => sum + WIDTHS[part], 0);
  const vocabulary = fitVocabulary(TEXTS.map(countNgrams));
  return {
    head: { inputs, classes: outputs, weights: draw(inputs * outputs), bias: draw(outputs) },
    ngrams: hasNgrams ? packNgrams(vocabulary, draw(vocabulary.hashes.length * outputs), outputs) : null,
    lora: needs.tuning ? await folder.randomLora() : null,
  };
}

const engineOf = async ({ task }: Kind) => (await TASKS[task]?.engine()) as Engine<unknown, unknown, unknown>;

async function store(kind: Kind, recipeId: string, change: Partial<{ settings: object; nan: true }> = {}) {
  const recipe = (await engineOf(kind)).recipes.find(({ id }) => id === recipeId) as LinearRecipe;
  const model = await randomModel(recipe, Math.max(1, kind.labels.length));
  if (change.nan) model.head.weights.fill(Number.NaN);
  const facts = {
    task: kind.task,
    recipe: recipeId,
    base: recipe.needs.base ? { id: base.id, sha256: base.sha256 } : null,
    labels: [...kind.labels],
  };
  const written = await writeLinear(folder.newDir(), model, change.settings ?? kind.settings, facts);
  return folder.order(written.dir, recipe.needs.base);
}

async function send(kind: Kind, order: ExportOrder) {
  const { exportTo } = await engineOf(kind);
  if (!exportTo) throw new Error(`${kind.task} does not leave`);
  return exportTo(order);
}
const CASES = KINDS.flatMap((kind) =>
  ["lexical", "head", "wide", "lora"].map((recipe) => [kind.task, recipe, kind] as const),
);
test.each(CASES)("%s, %s: the exported folder answers as the platform does", async (task, recipe, kind) => {
  const order = await store(kind, recipe);
  const parity = await send(kind, order);
  expect(parity.max_difference).toBeLessThanOrEqual(1e-4);
  expect(parity.rows).toBeGreaterThan(TEXTS.length);
  const own = await answerHere((await engineOf(kind)).open, kind.inputs, order);
  const exported = await openExported(order.dir, 1);
  expect(exported.inputs).toEqual(inputNames(TASKS[task] as (typeof TASKS)[string]));
  const rows = kind.inputs.map((input) => (typeof input === "string" ? [input] : [input.text, input.text_b]));
  const found = await exported.predict(rows, Number.MAX_SAFE_INTEGER);
  expect(found.map(({ output }) => output)).toEqual(own.map(near));
  // Answers that are all one would prove nothing.
  expect(new Set(own.map((one) => JSON.stringify(one))).size).toBeGreaterThan(2);
  expect(found.at(-1)?.truncated).toBe(recipe !== "lexical");
  const names = readdirSync(order.dir);
  expect(names.includes("adapter_model.safetensors")).toBe(recipe === "lora");
  expect(names.includes("labels.json")).toBe(kind.labels.length > 0);
  expect(JSON.parse(readFileSync(join(order.dir, "settings.json"), "utf8"))).toEqual(kind.settings);
});

test("equal models leave as equal folders", async () => {
  const [pairs] = KINDS.slice(2);
  if (!pairs) throw new Error("no pairs");
  const [one, two] = [await store(pairs, "wide"), await store(pairs, "wide")];
  await send(pairs, one);
  await send(pairs, two);
  expect(contents(one.dir)).toEqual(contents(two.dir));
});

test("numbers that float32 would round are answered as the platform answers them", async () => {
  const [, number] = KINDS;
  // Seconds: neighbouring numbers of float32 are 128 of them apart.
  const settings = {
    mean: 1_764_000_000,
    spread: 40,
    least: 1_763_999_900,
    most: 1_764_000_100,
    half: 10,
    levels: [],
    cuts: [],
  };
  const parity = await send(number, await store(number, "lexical", { settings }));
  expect(parity.max_difference).toBeLessThanOrEqual(1e-4);
});

test("a model whose graph would answer otherwise, or over another base, is not exported", async () => {
  for (const kind of KINDS)
    await expect(send(kind, await store(kind, "head", { nan: true }))).rejects.toThrow("differs by");
  const order = await store(KINDS[0], "head");
  await expect(send(KINDS[0], { ...order, base: { ...base, sha256: "1" } })).rejects.toThrow(
    "needs the base",
  );
});

test("a task says that its models leave exactly where its engine lets them", async () => {
  for (const [id, task] of Object.entries(TASKS))
    expect(Boolean((await task.engine()).exportTo), id).toBe(task.leaves);
});
