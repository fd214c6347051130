import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, expect, test } from "vitest";
import { cachedBase } from "../../bases.fixture";
import { figuresOf, type NumberEvaluation } from "../evaluation";
import { numberSettingsSchema } from "./number-judge";
import { answer, tokenizersOf, trainingFolder } from "./order.fixture";
import { textNumber } from "./text-number";
import { engine as numberEngine } from "./text-number.engine";
import { engine as pairEngine } from "./text-similarity.engine";

const { order, run, remove } = trainingFolder();
afterAll(remove);

const WORDS = ["terrible", "poor", "fair", "good", "excellent"];
const THINGS = ["kettle", "lamp", "chair", "printer", "phone", "bag", "jacket", "radio", "clock", "desk"];
const ROWS = WORDS.flatMap((word, stars) =>
  THINGS.flatMap((thing, t) =>
    Array.from({ length: 6 }, (_, n) => ({
      input: `a ${word} ${thing}, bought in week ${t}${n}`,
      target: stars + 1,
    })),
  ),
);

test("a number is learnt, answered within what was taught, with an interval that keeps its promise", async () => {
  const { report, artifactDir } = await numberEngine.train(order(ROWS), run());
  const evaluation = report.evaluation as NumberEvaluation;
  expect(evaluation).toMatchObject({ measures: "number", kind: "test" });
  expect(evaluation.pearson.value).toBeGreaterThan(0.95);
  expect(evaluation.interval.promised).toBe(0.9);
  expect(evaluation.interval.covered.high).toBeGreaterThanOrEqual(0.9);
  const model = await numberEngine.open(artifactDir, tokenizersOf(null));
  const [bad, good] = await answer(
    model,
    ["a terrible lamp", "an excellent excellent excellent chair"],
    null,
  );
  expect(bad?.value).toBeLessThan(2);
  expect(good?.value).toBeGreaterThan(4);
  for (const { value, interval } of [bad, good].filter((one) => one !== undefined)) {
    expect(value).toBeGreaterThanOrEqual(1);
    expect(value).toBeLessThanOrEqual(5);
    expect(interval.low).toBeLessThanOrEqual(value);
    expect(interval.high).toBeGreaterThanOrEqual(value);
  }
});

test("stars are answered with a level among those taught, which agrees, in the report, a chat and a sheet", async () => {
  const { report, artifactDir } = await numberEngine.train(order(ROWS), run());
  const { levels, n } = report.evaluation as NumberEvaluation;
  expect(report.labels).toEqual(["1", "2", "3", "4", "5"]);
  expect(levels).toMatchObject({ levels: [1, 2, 3, 4, 5], n });
  expect(levels?.cuts).toHaveLength(4);
  expect(levels?.exact.value).toBeGreaterThan(0.9);
  expect(levels?.withinOne.value).toBe(1);
  expect(levels?.kappa.value).toBeGreaterThan(0.95);
  expect(levels?.table.flat().reduce((a, b) => a + b)).toBe(n);
  const metrics = figuresOf(report.evaluation).map(([metric]) => metric);
  expect(metrics).toEqual([
    "pearson",
    "spearman",
    "mae",
    "exact_level",
    "within_one_level",
    "weighted_kappa",
  ]);
  expect(Object.keys(report.floor.scores)).toEqual(metrics);
  const model = await numberEngine.open(artifactDir, tokenizersOf(null));
  const texts = WORDS.map((word) => `a ${word} lamp, bought in week 11`);
  const answers = await answer(model, [...texts, "words that nobody taught"], null);
  expect(answers.slice(0, 5).map(({ level }) => level)).toEqual([1, 2, 3, 4, 5]);
  expect([1, 2, 3, 4, 5]).toContain(answers[5]?.level);
  const [one] = answers;
  if (!one) throw new Error("no answer");
  expect(textNumber.output.parse(one)).toEqual(one);
  expect(textNumber.chat(one).content).toBe("1");
  const names = textNumber.cells.names(report.labels);
  expect(names).toEqual(["value", "low", "high", "level"]);
  expect(textNumber.cells.of(one)).toHaveLength(names.length);
  expect(textNumber.cells.of(one).at(-1)).toBe(1);
});

test("many different numbers have no level, and are answered as they always were", async () => {
  const prices = ROWS.map((row, i) => ({ ...row, target: row.target * 10 + (i % 37) / 10 }));
  const { report, artifactDir } = await numberEngine.train(order(prices), run());
  expect(report.labels).toEqual([]);
  expect(report.evaluation).not.toHaveProperty("levels");
  expect(figuresOf(report.evaluation)).toHaveLength(3);
  const model = await numberEngine.open(artifactDir, tokenizersOf(null));
  const [one] = await answer(model, ["a good lamp"], null);
  if (!one) throw new Error("no answer");
  expect(Object.keys(one)).toEqual(["value", "interval"]);
  expect(textNumber.chat(one).content).toBe(String(Number(one.value.toFixed(3))));
  expect(textNumber.cells.of(one)).toHaveLength(textNumber.cells.names(report.labels).length);
});

test("two levels far apart, and one that two rows have, are levels like any others, across folds too", async () => {
  const ends = ROWS.filter(({ target }) => target === 1 || target === 5);
  const two = await numberEngine.train(order(ends), run());
  expect(two.report.evaluation).toMatchObject({
    kind: "cross_validated",
    levels: { levels: [1, 5], n: 120 },
  });
  expect(figuresOf(two.report.evaluation).map(([metric]) => metric)).not.toContain("within_one_level");
  const rare = [...ends, ...ROWS.filter(({ target }) => target === 3).slice(0, 2)];
  const { report, artifactDir } = await numberEngine.train(order(rare), run());
  const { levels } = report.evaluation as NumberEvaluation;
  expect(levels?.levels).toEqual([1, 3, 5]);
  expect(levels?.exact.value).toBeGreaterThan(0.9);
  const model = await numberEngine.open(artifactDir, tokenizersOf(null));
  const answers = await answer(model, ["a terrible lamp", "an excellent chair"], null);
  expect(answers.map(({ level }) => level)).toEqual([1, 5]);
});

test("a model from before there were levels is read, and has none", () => {
  const before = { mean: 3, spread: 1, least: 1, most: 5, half: 0.5 };
  expect(numberSettingsSchema.parse(before)).toEqual({ ...before, levels: [], cuts: [] });
});

test("equal numbers teach nothing and are refused", async () => {
  const same = ROWS.map((row) => ({ ...row, target: 3 }));
  await expect(numberEngine.train(order(same), run())).rejects.toMatchObject({ code: "numbers_all_equal" });
});

const base = await cachedBase();
const data = join(resolve(process.env.GRAFT_DATA_DIR ?? "../shared/data"), "stsb_multi_mt");
if (!existsSync(data)) console.warn("SKIPPED: stsb_multi_mt is not in ../shared/data");

test.skipIf(!existsSync(data) || !base)(
  "STS-B: two texts are compared by the base far better than by their words, and intervals hold",
  async () => {
    const records = parse(readFileSync(join(data, "stsb-en-train.csv")), {
      relax_quotes: true,
    }) as string[][];
    const rows = records.slice(0, 800).map(([text = "", text_b = "", score = ""]) => ({
      input: { text, text_b },
      target: Number(score),
    }));
    const { report, artifactDir } = await pairEngine.train(order(rows, { recipe: "head", base }), run());
    const evaluation = report.evaluation as NumberEvaluation;
    expect(evaluation.pearson.value).toBeGreaterThan(0.75);
    expect(evaluation.pearson.value).toBeGreaterThan((report.floor.scores.pearson?.value ?? 1) + 0.05);
    const { promised, covered } = evaluation.interval;
    expect(covered.low).toBeLessThan(promised);
    expect(covered.high).toBeGreaterThan(promised);
    const model = await pairEngine.open(artifactDir, tokenizersOf(base));
    const same = { text: "A man is playing a guitar.", text_b: "A guitar is being played by a man." };
    const other = { text: "A man is playing a guitar.", text_b: "The stock market fell sharply." };
    const [near, far] = await answer(model, [same, other], base);
    expect(near?.value).toBeGreaterThan(3.5);
    expect(far?.value).toBeLessThan(1.5);
    expect(model.reads?.("a text")).toMatchObject({ base: "minilm-l6" });
  },
  180_000,
);
