import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LabelsEvaluation } from "../evaluation";
import { openGoldenBackend } from "../golden.fixture";
import { ACTIVATIONS } from "../linear/dense-network";
import { generator } from "../linear/svm";
import { createDnn } from "../recipes/dnn";
import { tableHead } from "../recipes/table-head";
import type { TableData, TableRecipe } from "../recipes/table-recipe";
import { decide } from "../report/metrics";
import type { TableRow } from "../task";
import { answer, trainingFolder } from "./order.fixture";
import { tableClassification } from "./table-classification";
import { engine } from "./table-classification.engine";

const { order, run, remove, root } = trainingFolder();
beforeAll(openGoldenBackend);
beforeAll(() => mkdirSync(join(root, "checkpoints")));
afterAll(remove);

const random = generator(11);
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
/** Who leaves is whoever pays much and came lately, or who is young on the small plan: the latter no line can tell. */
const ROWS = Array.from({ length: 400 }, () => {
  const input = {
    months: Math.round(random() * 60),
    pay: random() < 0.1 ? null : Math.round(random() * 9000) / 100,
    plan: pick(["small", "large"]),
    age: Math.round(18 + random() * 60),
    city: pick(["Bonn", "Ulm", "Graz"]),
  };
  const isYoung = input.age < 45;
  const leaves = isYoung === (input.plan === "small") || (input.months < 6 && (input.pay ?? 0) > 60);
  return { input, target: leaves ? "leaves" : "stays" };
});
const DATA: TableData = {
  rows: ROWS.map(({ input }) => input),
  hashes: ROWS.map((_, i) => `row ${i}`),
  ordered: {},
  checkpoint: () => ({ load: async () => null, save: async () => {} }),
};
const LABELS = Int32Array.from(ROWS, ({ target }) => Number(target === "stays"));

test("the better recipe out of fold is taken, beside the head as the floor, and needs no base", async () => {
  const own = run();
  const figures: Record<string, number>[] = [];
  const { report, artifactDir } = await engine.train(order(ROWS, { recipe: "auto" }), {
    ...own,
    progress: (_stage, _done, _total, metrics) => metrics && figures.push(metrics),
  });
  expect(own.stages).toContain("base skipped");
  expect(report).toMatchObject({ recipe: "dnn", base: null, labels: ["leaves", "stays"], leakage: 0 });
  expect(report.compared.map(({ recipe }) => recipe)).toEqual(["head", "dnn"]);
  const evaluation = report.evaluation as LabelsEvaluation;
  expect(evaluation).toMatchObject({ measures: "labels", kind: "test" });
  expect(evaluation.accuracy.value).toBeGreaterThan(0.85);
  expect(evaluation.accuracy.value).toBeGreaterThan((report.floor.scores.accuracy?.value ?? 1) + 0.1);
  expect(figures.some((one) => "held_loss" in one && "held_accuracy" in one)).toBe(true);
  expect(report.columns?.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    "months number",
    "pay number",
    "plan category",
    "age number",
    "city category",
  ]);
  const quoted = evaluation.confusions[0]?.rows[0]?.text.split("\n") ?? [];
  expect(quoted[0]).toMatch(/^months: \d+$/);
  const model = await engine.open(artifactDir);
  const asked: TableRow[] = [
    { months: 40, pay: 20, plan: "small", age: 20, city: "Bonn" },
    { months: 40, pay: 20, plan: "large", age: 20, city: "Nowhere" },
    { plan: "large", age: "70" },
    {},
  ];
  const [young, other, old, empty] = await answer(model, asked, null);
  expect([young?.label, other?.label, old?.label]).toEqual(["leaves", "stays", "leaves"]);
  expect(empty?.labels).toHaveLength(2);
  if (!young) throw new Error("no answer");
  expect(tableClassification.output.parse(young)).toEqual(young);
  expect(tableClassification.cells.of(young)).toHaveLength(tableClassification.cells.names([]).length);
});

test("the same seed gives the same model, byte for byte", async () => {
  const hashes = [];
  for (const seed of [1, 1]) {
    const { report } = await engine.train(order(ROWS.slice(0, 120), { recipe: "dnn", seed }), {
      ...run(),
      checkpointDir: run().dir,
    });
    hashes.push(report.hashes.artifact);
  }
  expect(hashes[0]).toBe(hashes[1]);
});

test("a fit that is stopped anywhere ends with the weights of one that was not", async () => {
  const recipe = createDnn({ hidden: [16, 8], dropout: 0.3, rate: 1e-2 });
  const kept: { last: Uint8Array | null } = { last: null };
  const data: TableData = {
    ...DATA,
    checkpoint: () => ({
      load: async () => kept.last,
      save: async (state) => {
        kept.last = state.slice();
      },
    }),
  };
  const teach = async (signal: AbortSignal, onProgress: (share: number) => void = () => {}) => {
    const prepared = await recipe.prepare(data);
    return prepared.fit([...ROWS.keys()], LABELS, 2, { seed: 3, signal, onProgress });
  };
  const never = new AbortController().signal;
  const whole = await teach(never);
  for (const stopAfter of [1, 4, 9]) {
    kept.last = null;
    const stop = new AbortController();
    let epochs = 0;
    await expect(teach(stop.signal, () => ++epochs === stopAfter && stop.abort())).rejects.toThrow();
    expect(kept.last).not.toBeNull();
    expect((await teach(never)).layers).toEqual(whole.layers);
  }
  let again = 0;
  expect((await teach(never, () => ++again)).layers).toEqual(whole.layers);
  expect(again).toBe(0);
});

/** What a recipe answers for all rows after it was taught some of them. */
async function predict(recipe: TableRecipe, taught: readonly number[] = [...ROWS.keys()]) {
  const prepared = await recipe.prepare(DATA);
  const labels = Int32Array.from(taught, (row) => LABELS[row] ?? 0);
  const options = { seed: 1, signal: new AbortController().signal, onProgress: () => {} };
  const model = await prepared.fit(taught, labels, 2, options);
  return decide(prepared.logits(model, [...ROWS.keys()]), 2).predicted;
}
const SETTINGS = { hidden: [16], dropout: 0, rate: 1e-2 };

test.each(ACTIVATIONS)("layers with %s learn what a line cannot", async (activation) => {
  const right = async (recipe: TableRecipe) =>
    (await predict(recipe)).filter((label, row) => label === LABELS[row]).length;
  expect(await right(createDnn({ ...SETTINGS, activation }))).toBeGreaterThan((await right(tableHead)) + 40);
});

test("with balanced weights a rare class is found more often", async () => {
  const rare = [...ROWS.keys()].filter((row) => LABELS[row] === 0 || row % 8 === 0);
  const found = async (classWeights: "even" | "balanced") =>
    (await predict(createDnn({ ...SETTINGS, classWeights }), rare)).filter(
      (label, row) => label === 1 && LABELS[row] === 1,
    ).length;
  expect(await found("balanced")).toBeGreaterThan(await found("even"));
});

test("few rows are measured across folds, and a validation file's rows are measured as they are", async () => {
  const few = await engine.train(order(ROWS.slice(0, 40), { recipe: "head" }), run());
  expect(few.report.evaluation.kind).toBe("cross_validated");
  const given = order(ROWS.slice(0, 200), { recipe: "head" });
  const { rowsPath } = order(ROWS.slice(200));
  const { report } = await engine.train({ ...given, validationRowsPath: rowsPath }, run());
  expect(report.evaluation).toMatchObject({ kind: "test", n: 200 });
});

test("one class, too few rows and a recipe of texts are refused", async () => {
  const same = ROWS.map((row) => ({ ...row, target: "stays" }));
  await expect(engine.train(order(same, { recipe: "auto" }), run())).rejects.toMatchObject({
    code: "one_class",
  });
  await expect(engine.train(order(ROWS.slice(0, 5), { recipe: "auto" }), run())).rejects.toMatchObject({
    code: "rows_too_few",
  });
  await expect(engine.train(order(ROWS, { recipe: "lora" }), run())).rejects.toMatchObject({
    code: "recipe_unsupported",
  });
});

test("ordered epochs, batches and rate are those of the layers, and the report says what ran", async () => {
  const prepared = await createDnn().prepare({
    ...DATA,
    ordered: { epochs: 2, batchSize: 100, learningRateMultiplier: 0.1 },
  });
  let epochs = 0;
  const onProgress = () => {
    epochs++;
  };
  await prepared.fit([...ROWS.keys()], LABELS, 2, {
    seed: 1,
    signal: new AbortController().signal,
    onProgress,
  });
  expect(epochs).toBe(2);
  const ran = prepared.effective();
  expect(ran).toMatchObject({ epochs: 2, batchSize: 100, rateMultiplier: 0.1 });
  expect([3e-4, 1e-3]).toContainEqual(expect.closeTo(Number(ran.rate), 8));
});
