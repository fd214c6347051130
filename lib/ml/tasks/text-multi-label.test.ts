import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { cachedBase } from "../../bases.fixture";
import type { SeveralLabelsEvaluation } from "../evaluation";
import type { Task } from "../task";
import { answer, tokenizersOf, trainingFolder } from "./order.fixture";
import { textMultiLabel } from "./text-multi-label";
import { engine } from "./text-multi-label.engine";

const { order, run, remove } = trainingFolder();
afterAll(remove);

const PARTS: Record<string, string> = {
  billing: "i was charged twice on the invoice",
  delivery: "the parcel has not arrived with the courier",
  login: "the password is refused and i cannot sign in",
};
const TAILS = ["", "please", "today", "again", "since monday", "urgent", "thanks", "hello", "kindly", "now"];
/** Every set of the three topics, the empty one too, in ten wordings. */
const ROWS = TAILS.flatMap((tail, t) =>
  Array.from({ length: 8 }, (_, set) => {
    const target = Object.keys(PARTS).filter((_, i) => (set >> i) & 1);
    const words = target.map((name) => PARTS[name]).join(" and ");
    return Array.from({ length: 3 }, (_, n) => ({
      input: `${words || "just saying hello"} ${tail} ${t}${n}`,
      target,
    }));
  }).flat(),
);

test("several labels are learnt, each with a threshold, and the report counts every one of them", async () => {
  const here = run();
  const { report, artifactDir } = await engine.train(order(ROWS), here);
  const evaluation = report.evaluation as SeveralLabelsEvaluation;
  expect(evaluation.measures).toBe("several_labels");
  expect(evaluation.kind).toBe("test");
  expect(evaluation.microF1.value).toBeGreaterThan(0.95);
  expect(evaluation.microF1.low).toBeLessThanOrEqual(evaluation.microF1.value);
  expect(evaluation.perClass.map(({ label }) => label)).toEqual(["billing", "delivery", "login"]);
  const model = await engine.open(artifactDir, tokenizersOf(null));
  const [both, none] = await answer(
    model,
    ["charged twice and the parcel has not arrived", "just saying hello"],
    null,
  );
  const assigned = (one: typeof both) =>
    one?.labels.filter((label) => label.assigned).map(({ label }) => label);
  expect(assigned(both)?.sort()).toEqual(["billing", "delivery"]);
  expect(assigned(none)).toEqual([]);
  expect(none?.labels).toHaveLength(3);
  const [top] = await answer(model, ["charged twice and the parcel has not arrived"], null, {
    topK: 1,
    nearest: 0,
  });
  expect(top?.labels.filter((label) => label.assigned)).toHaveLength(2);
  expect(here.said.some((line) => /^lexical: micro_f1 [\d.]+ out of fold$/.test(line))).toBe(true);
});

test("the same rows and seed give the same model, byte for byte, and few rows are cross-validated", async () => {
  const few = ROWS.filter((_, i) => i % 4 === 0);
  const [one, two] = [await engine.train(order(few), run()), await engine.train(order(few), run())];
  expect(one.report.hashes.artifact).toBe(two.report.hashes.artifact);
  expect(one.report.evaluation).toMatchObject({ kind: "cross_validated", n: few.length });
});

test("a row's labels in a request, a chat and a spreadsheet's cells are the assigned ones", () => {
  const task = textMultiLabel as Task;
  const output = {
    labels: [
      { label: "a", probability: 0.9, assigned: true },
      { label: "b", probability: 0.5, assigned: true },
      { label: "c", probability: 0.4, assigned: false },
    ],
  };
  expect(task.chat(output).content).toBe("a, b");
  expect(task.cells.of(output)).toEqual(["a; b", "0.9000; 0.5000"]);
  expect(task.output.safeParse({ index: 0, ...output }).success).toBe(true);
});

const base = await cachedBase();
const data = join(resolve(process.env.GRAFT_DATA_DIR ?? "../shared/data"), "goemotions");
const isHere = existsSync(data) && base !== null;
if (!existsSync(data)) console.warn("SKIPPED: goemotions is not in ../shared/data");

test.skipIf(!isHere)(
  "GoEmotions: the base beats words alone, with as many labels as the data has",
  async () => {
    const lines = readFileSync(join(data, "original", "train.tsv"), "utf8")
      .split("\n")
      .slice(0, 600);
    const rows = lines.flatMap((line) => {
      const [input, target] = line.split("\t");
      return input && target ? [{ input, target: target.split(",") }] : [];
    });
    const { report } = await engine.train(order(rows, { recipe: "head", base }), run());
    const evaluation = report.evaluation as SeveralLabelsEvaluation;
    expect(report.labels.length).toBeGreaterThan(20);
    expect(evaluation.microF1.value).toBeGreaterThan(report.floor.scores.micro_f1?.value ?? 1);
    expect(evaluation.microF1.value).toBeGreaterThan(0.2);
  },
  180_000,
);

test.skipIf(!base)("a recipe that was asked for by name is reported beside the frozen head", async () => {
  const few = ROWS.filter((_, i) => i % 3 === 0);
  const { report } = await engine.train(order(few, { recipe: "wide", base }), run());
  expect(report.frozen?.scores.micro_f1?.value).toBeGreaterThan(0.5);
  expect([report.frozen?.recipe, report.recipe]).toEqual(["head", "wide"]);
  expect(report.compared.map(({ recipe }) => recipe)).toEqual(["wide"]);
});
