import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { contentHash } from "../data/split";
import { trainingFolder } from "./order.fixture";
import { engine as tables } from "./table-classification.engine";
import { engine } from "./text-classification.engine";

/** Rows whose label a model gave teach; they are never measured on. */
const { order, run, rowsFile, remove } = trainingFolder();
afterAll(remove);

const STARTS = {
  refund: ["please refund", "i want my money back for", "reimburse me for"],
  login: ["i cannot sign in to", "the password is refused by", "locked out of"],
};
const OTHER = { refund: "login", login: "refund" } as const;
type Label = keyof typeof STARTS;
const textsOf = (label: Label, count: number, what: string) =>
  Array.from({ length: count }, (_, n) => `${STARTS[label][n % 3]} ${what} ${n}`);
const rowsOf = (count: number, what: string, labelOf: (truth: Label) => Label) =>
  (["refund", "login"] as const).flatMap((truth) =>
    textsOf(truth, count / 2, what).map((input) => ({ input, target: labelOf(truth) })),
  );
const byPeople = (count: number) => rowsOf(count, "order", (truth) => truth);
const byModel = <Row extends object>(rows: readonly Row[]) =>
  rows.map((row) => ({ ...row, labelledBy: "model" as const }));
/** As wrong as can be: who measured on them would praise a model that is wrong about what people say. */
const wrong = (count: number, what = "account") => byModel(rowsOf(count, what, (truth) => OTHER[truth]));

test("a model that learns wrong labels from a model is not measured on them", async () => {
  const { report, splitPath } = await engine.train(order([...byPeople(60), ...wrong(400)]), run());
  expect(report.evaluation.kind).toBe("test");
  expect(report.evaluation.n).toBeLessThanOrEqual(60);
  const people = new Set(byPeople(60).map(({ input }) => contentHash(input)));
  const frozen = readFileSync(splitPath, "utf8").split("\n").filter(Boolean);
  expect(frozen.filter((hash) => !people.has(hash))).toEqual([]);
  expect(report.rows).toEqual({ total: 460, train: 460, test: report.evaluation.n, taughtOnly: 400 });
  // They did teach: what people say is answered wrongly, and the report says so.
  expect(report.evaluation.accuracy.value).toBeLessThan(0.5);
  expect(report.abstention?.every(({ error }) => error > 0.5) ?? true).toBe(true);
});

test("across folds too, only rows that people labelled are judged, doubted and drawn a curve from", async () => {
  const { report } = await engine.train(order([...byPeople(50), ...wrong(400)]), run());
  expect(report.evaluation).toMatchObject({ kind: "cross_validated", n: 50 });
  expect(report.rows).toEqual({ total: 450, train: 450, test: 0, taughtOnly: 400 });
  expect(report.labelIssues?.rows.every(({ line }) => line < 52)).toBe(true);
  expect(report.learningCurve).toEqual({ status: "refused", reason: "too_few_rows", points: [] });
});

test("a learning curve counts and judges the rows that people labelled, whatever else taught", async () => {
  const rows = [...byPeople(280), ...byModel(rowsOf(300, "account", (truth) => truth))];
  const { learningCurve, evaluation } = (await engine.train(order(rows), run())).report;
  const sizes = learningCurve?.points.map(({ rows: count }) => count) ?? [];
  expect(sizes).toHaveLength(4);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(280 - evaluation.n);
});

test("a class that only a model has named is answered, and nothing is said of how well", async () => {
  const named = byModel(textsOf("login", 40, "invoice").map((input) => ({ input, target: "billing" })));
  const { report } = await engine.train(order([...byPeople(80), ...named]), run());
  expect(report.labels).toEqual(["billing", "login", "refund"]);
  expect(report.evaluation).toMatchObject({ kind: "cross_validated", n: 80 });
  expect(report.evaluation.perClass[0]).toMatchObject({ label: "billing", support: 0 });
});

test("of a text that a person labelled too, the model's label teaches nothing", async () => {
  const again = byPeople(80).map(({ input, target }) => ({
    input: `${input.toUpperCase()} `,
    target: OTHER[target],
  }));
  const alone = await engine.train(order(byPeople(80)), run());
  const { report, splitPath } = await engine.train(order([...byPeople(80), ...byModel(again)]), run());
  expect(report.rows).toEqual({ ...alone.report.rows, total: 160 });
  expect(report.evaluation).toEqual(alone.report.evaluation);
  expect(report.leakage).toBe(0);
  // Nor where the person's row is gone and its text is in the frozen test split.
  const split = new Set(readFileSync(splitPath, "utf8").split("\n"));
  const isMeasured = ({ input }: { input: string }) => split.has(contentHash(input));
  const later = [...byPeople(80).filter((row) => !isMeasured(row)), ...byPeople(90).slice(40, 45)];
  const frozen = again.filter(isMeasured);
  expect(frozen.length).toBeGreaterThan(0);
  const without = await engine.train(order([...later, ...byModel(frozen)], { splitPath }), run());
  expect(without.report.rows.taughtOnly).toBeUndefined();
});

test("with a validation file it alone is measured on, without the rows that a model labelled", async () => {
  const validationRowsPath = rowsFile([...rowsOf(20, "parcel", (truth) => truth), ...wrong(30, "phone")]);
  const { report } = await engine.train(
    order([...byPeople(40), ...wrong(20)], { validationRowsPath }),
    run(),
  );
  expect(report.evaluation).toMatchObject({ kind: "test", n: 20 });
  expect(report.rows).toMatchObject({ train: 60, test: 20, taughtOnly: 20 });
});

test("rows of which people labelled too few are refused: nothing could be measured", async () => {
  await expect(engine.train(order([...byPeople(8), ...wrong(100)]), run())).rejects.toMatchObject({
    code: "rows_too_few",
    message: expect.stringContaining("8"),
  });
});

test("rows of a table that a model labelled teach without being measured", async () => {
  const rows = Array.from({ length: 80 }, (_, n) => ({
    input: { amount: n, country: n % 2 ? "DE" : "FR" },
    target: n % 2 ? "home" : "abroad",
  }));
  const more = rows.map(({ input, target }) => ({ input: { ...input, amount: input.amount + 100 }, target }));
  const { report } = await tables.train(order([...rows, ...byModel(more)], { recipe: "head" }), run());
  expect(report.rows).toEqual({ total: 160, train: 160, test: report.evaluation.n, taughtOnly: 80 });
  expect(report.evaluation.n).toBeLessThanOrEqual(80);
});
