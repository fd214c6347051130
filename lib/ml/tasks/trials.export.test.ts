import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inputNames } from "../../tasks";
import { readSafetensors, writeSafetensors } from "../base/safetensors";
import { createWordSplitter } from "../base/words";
import { TASKS } from "../catalogue";
import { ANSWER_COLUMNS } from "../data/answer-features";
import { fitVocabulary } from "../data/features";
import { tagsFor } from "../data/spans";
import { SURFACE_COLUMNS } from "../data/surface";
import { packNgrams } from "../linear/ngram-block";
import { answerHere } from "../portable/parity";
import { createReader, featuresOf, plainTransitions } from "../recipes/tagger";
import type { Engine, ExportOrder } from "../task";
import { contents, drawing, exportFolder, HIDDEN, near, TEXTS } from "./export.fixture";
import { openExported } from "./exported";
import { foundAnswer } from "./text-answers.answers";
import { leavingAnswers } from "./text-answers.export";
import { writeTagger } from "./text-entities.artifact";
import { writeTrialArtifact } from "./trials.artifact";

const folder = exportFolder();
const { base } = folder;
beforeAll(folder.writeBase);
afterAll(folder.remove);

const LABELS = ["parcel", "person"];
const ASKED = TEXTS.map((context, i) => ({ question: TEXTS[(i + 1) % TEXTS.length] ?? "", context }));
const texts = (input: unknown) =>
  typeof input === "string" ? [input] : Object.values(input as (typeof ASKED)[number]);

type Write = (dir: string, recipe: string, change: (weights: Float32Array) => void) => Promise<string>;
const partsOf = async (recipe: string, outputs: number, columns: number) => {
  const draw = drawing();
  const inputs = (recipe === "lexical" ? 0 : HIDDEN) + columns;
  const lora = recipe === "lora" ? await folder.randomLora() : null;
  // All vectors have a part in common, which would decide every word alike: columns have to weigh more.
  const weights = draw(inputs * outputs).map((w, at) => (at < (inputs - columns) * outputs ? w / 4 : w * 4));
  return { draw, lora, head: { inputs, classes: outputs, weights, bias: draw(outputs) } };
};

const writeSpans: Write = async (dir, recipe, change) => {
  const tags = tagsFor(LABELS.length);
  const { draw, head, lora } = await partsOf(recipe, tags, recipe === "lexical" ? 0 : SURFACE_COLUMNS);
  const counted = TEXTS.map(createReader(createWordSplitter(), null)).flatMap(featuresOf);
  const vocabulary = fitVocabulary(counted);
  const features = packNgrams(
    vocabulary,
    draw(vocabulary.hashes.length * tags).map((w) => 4 * w),
    tags,
  );
  const transitions = { ...plainTransitions(LABELS.length), scores: Float64Array.from(draw(tags * tags)) };
  change(recipe === "lexical" ? head.bias : head.weights);
  const kind = recipe as "lexical" | "wide" | "lora";
  return writeTagger(
    dir,
    { kind, head, features, transitions, lora },
    { task: "text-entities", labels: LABELS, base },
  );
};
const writeAnswers: Write = async (dir, kind, change) => {
  const { head, lora } = await partsOf(kind, 2, ANSWER_COLUMNS);
  change(head.weights);
  const facts = { task: "text-answers", labels: [], base };
  return writeTrialArtifact(dir, { kind, head, temperature: 1.5, lora }, facts, {});
};

const KINDS = [
  { task: "text-entities", recipes: ["lexical", "wide", "lora"], inputs: TEXTS, write: writeSpans },
  { task: "text-answers", recipes: ["lexical", "head", "lora"], inputs: ASKED, write: writeAnswers },
] as const;
type Kind = (typeof KINDS)[number];

const engineOf = async ({ task }: Kind) => (await TASKS[task]?.engine()) as Engine<unknown, unknown, unknown>;

async function store({ write }: Kind, recipe: string, change: Parameters<Write>[2] = () => {}) {
  const dir = folder.newDir();
  await write(dir, recipe, change);
  return folder.order(dir, recipe !== "lexical");
}
async function send(kind: Kind, order: ExportOrder) {
  const { exportTo } = await engineOf(kind);
  if (!exportTo) throw new Error(`${kind.task} does not leave`);
  return exportTo(order);
}

const CASES = KINDS.flatMap((kind) => kind.recipes.map((recipe) => [kind.task, recipe, kind] as const));
test.each(CASES)("%s, %s: the exported folder answers as the platform does", async (task, recipe, kind) => {
  const order = await store(kind, recipe);
  const parity = await send(kind, order);
  expect(parity.max_difference).toBeLessThanOrEqual(1e-4);
  expect(parity.rows).toBeGreaterThan(TEXTS.length);
  const { open, recipes } = await engineOf(kind);
  expect(recipes.map(({ id }) => id)).toEqual(kind.recipes);
  const own = await answerHere(open, kind.inputs, order);
  const exported = await openExported(order.dir, 1);
  expect(exported.inputs).toEqual(inputNames(TASKS[task] as (typeof TASKS)[string]));
  const found = await exported.predict(kind.inputs.map(texts), 1);
  expect(found.map(({ output }) => output)).toEqual(own.map(near));
  // Answers that are all one would prove nothing.
  expect(new Set(own.map((one) => JSON.stringify(one))).size).toBeGreaterThan(3);
  // Windows cover a text of any length.
  expect(found.at(-1)).toMatchObject({ truncated: false });
  expect(found.at(-1)?.tokens).toBeGreaterThan(599);
  const names = readdirSync(order.dir);
  expect(names.includes("adapter_model.safetensors")).toBe(recipe === "lora");
  expect(names.includes("labels.json")).toBe(task === "text-entities");
  expect(names.includes("tokenizer.json")).toBe(recipe !== "lexical");
});

test("equal models leave as equal folders, and what training settled lies there", async () => {
  const [spans, answers] = KINDS;
  const [one, two, other] = [
    await store(spans, "wide"),
    await store(spans, "wide"),
    await store(answers, "lexical"),
  ];
  for (const [kind, order] of [
    [spans, one],
    [spans, two],
    [answers, other],
  ] as const)
    await send(kind, order);
  expect(contents(one.dir)).toEqual(contents(two.dir));
  const settings = (dir: string) => JSON.parse(readFileSync(join(dir, "settings.json"), "utf8"));
  expect(settings(one.dir).transitions).toHaveLength(tagsFor(LABELS.length) ** 2);
  expect(settings(other.dir)).toEqual({ temperature: 1.5 });
});

test("what is no number on either side is not exported", async () => {
  for (const kind of KINDS)
    for (const recipe of kind.recipes.slice(0, 2)) {
      const order = await store(kind, recipe, (weights) => weights.fill(Number.NaN));
      await expect(send(kind, order), `${kind.task} ${recipe}`).rejects.toThrow("differs by");
    }
});

test("a graph whose weights were changed is not exported", async () => {
  const dir = folder.newDir();
  cpSync(base.dir, dir, { recursive: true });
  const path = join(dir, "model.safetensors");
  const tensors = new Map(await readSafetensors(path));
  const name = "encoder.layer.0.attention.self.value.weight";
  const { shape, values } = tensors.get(name) ?? { shape: [], values: new Float32Array(0) };
  tensors.set(name, { shape, values: values.map((w) => w * 1.1) });
  await writeSafetensors(path, tensors);
  for (const kind of KINDS) {
    const order = await store(kind, kind.recipes[1]);
    await expect(send(kind, { ...order, base: { ...base, dir } }), kind.task).rejects.toThrow("differs by");
    await expect(send(kind, { ...order, base: { ...base, sha256: "1" } }), kind.task).rejects.toThrow(
      "needs the base",
    );
  }
});

test("where two pieces are about as probable, either may be answered; where one is not, both sides answer it", () => {
  const [, asked] = ASKED;
  if (!asked) throw new Error("no question");
  const one = foundAnswer.reader(null)([asked.question, asked.context]);
  // The first and the fifth word begin and end an answer: as probable, the one or the other by a hair.
  const scores = (first: number, fifth: number) => {
    const own = new Float32Array(one.words.spans.length * 2).fill(-9);
    return own.fill(first, 0, 2).fill(fifth, 8, 10);
  };
  const settings = { temperature: 1 };
  const say = foundAnswer.answering(settings, []);
  const [own, tied, other] = [scores(4, 4), scores(4, 4.00001), scores(4, 4.01)];
  expect(say(one, own).text).not.toBe(say(one, tied).text);
  const most = (found: Float32Array) =>
    Math.max(...leavingAnswers.differences(one, own, found, settings, []).map(Math.abs));
  expect(most(tied)).toBeLessThan(1e-4);
  expect(most(other)).toBeGreaterThan(1e-4);
});
