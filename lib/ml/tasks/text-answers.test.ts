import { afterAll, expect, test } from "vitest";
import { cachedBase } from "../../bases.fixture";
import { figuresOf } from "../evaluation";
import type { TrainOrder } from "../task";
import { answer, tokenizersOf, trainingFolder } from "./order.fixture";
import { type Question, textAnswers } from "./text-answers";
import { engine } from "./text-answers.engine";

const folder = trainingFolder();
const { run } = folder;
afterAll(folder.remove);

const NAMES = ["Ana", "Bob", "Carla", "Deniz", "Emil", "Fay", "Gus", "Hana", "Iris", "Jon", "Kim", "Lea"];
const TOWNS = [
  "Lyon",
  "Porto",
  "Oslo",
  "Graz",
  "Lima",
  "Kyoto",
  "Turin",
  "Leeds",
  "Bonn",
  "Quito",
  "Riga",
  "Split",
];
/** Each context says who opened an office, where and when; each question asks for one of the three. */
const rowsOf = (contexts: number) =>
  Array.from({ length: contexts }, (_, i) => {
    const [name = "", town = ""] = [NAMES[i % NAMES.length], TOWNS[i % TOWNS.length]];
    const year = String(1950 + 3 * i);
    const context = `The weather was fine 😀 that day. ${name} opened the office in ${town} in ${year}. Nobody knew it then.`;
    const row = (question: string, answer: string) => ({
      input: { question, context },
      target: { answer, start: [...context.slice(0, context.indexOf(answer))].length },
    });
    return [
      row("Who opened the office?", name),
      row("Where was the office opened?", town),
      row("When was the office opened?", year),
    ];
  }).flat();

const order = (more: Partial<TrainOrder> = {}, contexts = NAMES.length) =>
  folder.order(rowsOf(contexts), { seed: 7, ...more });
const fresh: Question = {
  question: "When was the office opened?",
  context: "The weather was fine 😀 that day. Mara opened the office in Genoa in 1999. Nobody knew it then.",
};

test("a model without a base answers with a piece of the context, its place in code points", async () => {
  const { report, artifactDir } = await engine.train(order(), run());
  expect(report.evaluation.measures).toBe("answers");
  expect(figuresOf(report.evaluation)[0]?.[1].value).toBeGreaterThan(0.6);
  const model = await engine.open(artifactDir, () => Promise.reject(new Error("none")));
  const [found, none] = model.after([fresh, { question: "who?", context: "" }], [[], []], {
    topK: 1,
    nearest: 0,
  });
  const start = [...fresh.context.slice(0, fresh.context.indexOf("1999"))].length;
  expect(textAnswers.output.parse(found)).toEqual({
    text: "1999",
    start,
    end: start + 4,
    confidence: expect.any(Number),
  });
  expect(none).toEqual({ text: "", start: 0, end: 0, confidence: 0 });
});

test("questions about one context are never parted", async () => {
  const { report } = await engine.train(order({}, 70), run());
  // Three questions a context: whole contexts were set apart.
  expect(report.rows.test % 3).toBe(0);
  expect(report.rows.test).toBeGreaterThan(0);
});

const base = await cachedBase();
test.skipIf(!base)(
  "on the real base an answer is found behind three hundred words",
  async () => {
    const { artifactDir } = await engine.train(order({ recipe: "head", base }), run());
    const model = await engine.open(artifactDir, tokenizersOf(base));
    const inputs = [{ ...fresh, context: `${"so it goes on and on. ".repeat(60)}${fresh.context}` }];
    expect(model.before(inputs).requests[0]?.length).toBeGreaterThan(1);
    const [found] = await answer(model, inputs, base);
    expect(found?.text).toBe("1999");
  },
  120_000,
);
