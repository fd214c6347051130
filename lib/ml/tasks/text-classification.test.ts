import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { cachedBase } from "../../bases.fixture";
import type { TrainOrder } from "../task";
import { answer, tokenizersOf, trainingFolder } from "./order.fixture";
import { engine } from "./text-classification.engine";

const { order, run, remove } = trainingFolder();
afterAll(remove);

const PARTS: Record<string, [string[], string[]]> = {
  refund: [
    ["please refund", "i want my money back for", "return the payment of", "reimburse me for"],
    ["the broken kettle", "order 1182", "a double charge", "the late parcel", "my subscription"],
  ],
  login: [
    ["i cannot sign in to", "the password is refused by", "two factor fails on", "locked out of"],
    ["my account", "the customer portal", "the mobile app", "the admin console", "single sign on"],
  ],
};
const TAILS = ["", " today", " again please", " since monday"];
const ROWS = Object.entries(PARTS).flatMap(([label, [starts, ends]]) =>
  starts.flatMap((start) =>
    ends.flatMap((end) => TAILS.map((tail) => ({ input: `${start} ${end}${tail}`, target: label }))),
  ),
);

test("a model is trained, reported and answers, with nothing but its folder", async () => {
  const here = run();
  const { report, artifactDir } = await engine.train(order(ROWS), here);
  expect(here.stages).toEqual([
    "preprocess running",
    "preprocess done",
    "augment skipped",
    "base skipped",
    "fine-tune running",
    "fine-tune done",
    "evaluate running",
    "evaluate done",
  ]);
  expect(report.evaluation.kind).toBe("test");
  expect(report.evaluation.accuracy.value).toBeGreaterThan(0.9);
  expect(report.refit).toBe(true);
  expect(report.rows).toEqual({ total: ROWS.length, train: ROWS.length, test: report.evaluation.n });
  const model = await engine.open(artifactDir, () => Promise.reject(new Error("no base is needed")));
  const inputs = ["refund my order 1182 please"];
  const { requests } = model.before(inputs);
  expect(requests).toEqual([[]]);
  const [answer] = model.after(inputs, [[]], { topK: 5, nearest: 3 });
  expect(answer).toMatchObject({ label: "refund", nearest: [{ label: "refund" }, {}, {}] });
  expect(answer?.labels.reduce((sum, one) => sum + one.probability, 0)).toBeCloseTo(1, 5);
});

test("the same rows and seed give the same artifact, byte for byte", async () => {
  const [one, two] = [await engine.train(order(ROWS), run()), await engine.train(order(ROWS), run())];
  expect(one.report.hashes.artifact).toBe(two.report.hashes.artifact);
  expect(one.report.hashes.split).toBe(two.report.hashes.split);
});

test("the frozen test split stays frozen when rows are added", async () => {
  const first = await engine.train(order(ROWS), run());
  const more = [...ROWS, ...TAILS.map((tail) => ({ input: `brand new question${tail}`, target: "login" }))];
  const second = await engine.train(order(more, { splitPath: first.splitPath }), run());
  expect(readFileSync(second.splitPath, "utf8")).toBe(readFileSync(first.splitPath, "utf8"));
  expect(second.report.evaluation.n).toBe(first.report.evaluation.n);
});

test("few rows are cross-validated and say so", async () => {
  const { report } = await engine.train(order(ROWS.filter((_, i) => i % 8 === 0)), run());
  expect(report.evaluation.kind).toBe("cross_validated");
  expect(report.refit).toBe(false);
});

test("one class with nearly all rows is trained and reported all the same", async () => {
  const rare = ["a", "b", "c"].flatMap((target) =>
    [1, 2].map((n) => ({ input: `${target} rare ${n}`, target })),
  );
  const { report } = await engine.train(order([...ROWS.slice(0, 80), ...rare]), run());
  expect(report.evaluation.kind).toBe("cross_validated");
  expect(report.learningCurve).toEqual({ status: "refused", reason: "too_few_rows", points: [] });
});

test("what cannot be learned is refused with its code", async () => {
  const code = async (rows: typeof ROWS, more: Partial<TrainOrder> = {}) =>
    engine.train(order(rows, more), run()).then(
      () => "trained",
      (error: { code: string }) => error.code,
    );
  expect(await code(ROWS.slice(0, 5))).toBe("rows_too_few");
  expect(await code(ROWS.filter((row) => row.target === "login"))).toBe("one_class");
  expect(await code(ROWS, { recipe: "magic" })).toBe("recipe_unsupported");
  expect(await code(ROWS, { recipe: "head" })).toBe("base_unavailable");
});

test("whatever would read a damaged base is refused with what is wrong, and nothing else is", async () => {
  const baseDamage = "model.onnx is not what was installed";
  const refusal = expect.objectContaining({ code: "base_damaged", message: baseDamage });
  for (const more of [{ recipe: "auto" }, { recipe: "head" }, { recipe: "auto", adapterDir: "adapter" }])
    await expect(engine.train(order(ROWS, { ...more, baseDamage }), run())).rejects.toEqual(refusal);
  expect((await engine.train(order(ROWS, { baseDamage }), run())).report.recipe).toBe("lexical");
});

test("a changed file of a model is not opened", async () => {
  const { artifactDir } = await engine.train(order(ROWS), run());
  writeFileSync(join(artifactDir, "bias.f32"), Buffer.alloc(8));
  await expect(engine.open(artifactDir, () => Promise.reject(new Error("none")))).rejects.toThrow(
    "was changed",
  );
});

test("rows that changed after they were frozen are not trained on", async () => {
  await expect(engine.train(order(ROWS, { rowsSha256: "0".repeat(64) }), run())).rejects.toThrow("frozen");
});

test("an aborted run stops", async () => {
  const here = { ...run(), signal: AbortSignal.abort() };
  await expect(engine.train(order(ROWS), here)).rejects.toThrow();
});

const base = await cachedBase();
test.skipIf(!base)("the head on the real base beats the floor and knows what it was not taught", async () => {
  const { report, artifactDir } = await engine.train(order(ROWS, { recipe: "head", base }), run());
  expect(report.evaluation.accuracy.value).toBeGreaterThanOrEqual(
    (report.floor.scores.accuracy?.value ?? 1) - 0.05,
  );
  // It is the frozen head itself.
  const { accuracy, macroF1 } = report.evaluation;
  expect(report.frozen).toEqual({ recipe: "head", scores: { accuracy, macro_f1: macroF1 } });
  const model = await engine.open(artifactDir, tokenizersOf(base));
  const inputs = ["my money should come back to me", "the moon is made of cheese"];
  const [known, unknown] = await answer(model, inputs, base);
  expect(known?.label).toBe("refund");
  expect(unknown?.out_of_scope).toBe(true);
});

test.skipIf(!base)(
  "a recipe that was asked for by name is reported beside the frozen head, which is not chosen",
  async () => {
    const here = run();
    const { report } = await engine.train(order(ROWS, { recipe: "wide", base }), here);
    expect(report.frozen?.recipe).toBe("head");
    expect(report.frozen?.scores.accuracy?.value).toBeGreaterThan(0.9);
    expect(report.frozen?.scores.accuracy?.low).toBeLessThan(1);
    expect([report.recipe, report.choice]).toEqual(["wide", "Only wide was asked for."]);
    expect(report.compared.map(({ recipe }) => recipe)).toEqual(["wide"]);
    expect(here.said.some((line) => line.startsWith("head: "))).toBe(true);
  },
);

test("a model without a base is reported beside no frozen head", async () => {
  const { report } = await engine.train(order(ROWS.slice(60, 100)), run());
  expect(report.frozen).toBeUndefined();
});
