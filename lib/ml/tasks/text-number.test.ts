import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, expect, test } from "vitest";
import type { NumberEvaluation } from "../evaluation";
import { answer, cachedBase, tokenizersOf, trainingFolder } from "./order.fixture";
import { engine as numberEngine } from "./text-number.engine";
import { engine as pairEngine } from "./text-similarity.engine";

const { root, order, run, remove } = trainingFolder();
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

test("equal numbers teach nothing and are refused", async () => {
  const same = ROWS.map((row) => ({ ...row, target: 3 }));
  await expect(numberEngine.train(order(same), run())).rejects.toMatchObject({ code: "numbers_all_equal" });
});

const base = await cachedBase(root);
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
