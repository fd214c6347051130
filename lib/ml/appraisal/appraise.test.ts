import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type AppraisalReport, appraisalReportSchema } from "../appraisal";
import { generator } from "../linear/svm";
import { appraise } from "./appraise";

const dir = mkdtempSync(join(tmpdir(), "graft-appraise-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

type Row = [text: string, target: string | number, labelledBy?: "model"];
const run = {
  cacheDir: dir,
  threads: 1,
  signal: new AbortController().signal,
  stage: () => {},
  progress: () => {},
};
/** Without a base: words alone are probed. */
async function look(rows: readonly Row[], task = "text-classification"): Promise<AppraisalReport> {
  const rowsPath = join(dir, "rows.ndjson");
  const lines = rows.map(([input, target, labelledBy], i) =>
    JSON.stringify({ line: i + 2, input, target, labelledBy }),
  );
  writeFileSync(rowsPath, `${lines.join("\n")}\n`);
  return appraisalReportSchema.parse(await appraise({ task, rowsPath, base: null }, run));
}
const findingOf = (report: AppraisalReport, code: string) => report.findings.find((one) => one.code === code);

const random = generator(3);
const WORDS =
  "late parcel courier tracking lost refund money card charge bank password login reset account".split(" ");
const from = (start: number, count: number) => WORDS[start + Math.floor(random() * count)] ?? "";
const NAMES = ["shipping", "payments", "access"];
/** Each class uses its words mostly, so a model learns it but is not always right. */
function message(label: number): string {
  const word = () => (random() < 0.75 ? from([0, 5, 10][label] ?? 0, 4) : from(0, WORDS.length));
  return `${word()} ${word()} ${word()} item ${Math.floor(random() * 1e6).toString(36)}`;
}
const rowsOf = (count: number): Row[] =>
  Array.from({ length: count }, (_, i) => [message(i % 3), NAMES[i % 3] ?? ""]);

test("a sound sample has a probe whose scores rise, and no blocker", async () => {
  const report = await look(rowsOf(600));
  expect(report).toMatchObject({ rows: 600, noProbe: null, labelErrors: expect.any(Number) });
  const { values } = report.probe?.scores.accuracy ?? { values: [] };
  expect(values.at(-1)).toBeGreaterThan(values[0] ?? 1);
  expect(report.findings.filter(({ severity }) => severity === "blocker")).toEqual([]);
  expect(report.training.length).toBeGreaterThan(0);
});

test("what is wrong with a sample is counted", async () => {
  const sound = rowsOf(400);
  const report = await look([
    ...sound,
    ...sound.slice(0, 40),
    ...sound.slice(40, 50).map(([text]): Row => [text, "access"]),
    ["write to jo@example.org or +49 30 1234567", "access"],
    ["hello there", "rare"],
  ]);
  expect(report.duplicates.exact).toBe(50);
  expect(findingOf(report, "duplicates_exact")?.severity).toBe("warning");
  expect(findingOf(report, "labels_contradict")?.values.rows).toBeGreaterThan(0);
  expect(report.agreement).toBeLessThan(1);
  expect(findingOf(report, "class_rare")?.values).toMatchObject({
    classes: 1,
    label: "rare",
    least: 1,
    missing: 19,
  });
  expect(report.personal).toEqual([
    { kind: "email", rows: 1 },
    { kind: "phone", rows: 1 },
  ]);
});

test("what a model labelled is counted, and no score is measured on it", async () => {
  const [people, alone] = [rowsOf(300), NAMES[0] ?? ""];
  const model = rowsOf(600).map(([text]): Row => [text, alone, "model"]);
  const [with_, without] = [await look([...people, ...model]), await look(people)];
  expect(with_.rows).toBe(900);
  expect(with_.probe).toEqual(without.probe);
  expect(with_.labelErrors).toBe(without.labelErrors);
});

test("labels that were changed are found as likely wrong", async () => {
  const rows = rowsOf(600);
  const clean = await look(rows);
  const spoilt = await look(
    rows.map(([text, label], i): Row => [text, i % 15 === 0 ? (NAMES[(i + 1) % 3] ?? "") : label]),
  );
  expect(spoilt.labelErrors).toBeGreaterThan((clean.labelErrors ?? 0) + 10);
});

test("a word that a form adds gives its label away, and so does the name of the class", async () => {
  const stamped = await look(
    rowsOf(300).map(([text, label]): Row => [label === "access" ? `${text} zx9form` : text, label]),
  );
  expect(findingOf(stamped, "word_gives_away")?.values).toMatchObject({
    word: "zx9form",
    label: "access",
    share: 1,
  });
  const named = await look(rowsOf(300).map(([text, label]): Row => [`${text} [${label}]`, label]));
  expect(findingOf(named, "label_in_text")?.values.share).toBe(1);
  expect(findingOf(await look(rowsOf(300)), "label_in_text")).toBeUndefined();
});

test("messages from a template would stand on both sides of a split", async () => {
  const report = await look(
    Array.from({ length: 300 }, (_, i): Row => [`Your order ${i} was shipped`, NAMES[i % 3] ?? ""]),
  );
  expect(findingOf(report, "leakage")?.values.share).toBe(1);
});

test("no row and no value of a text is in a report", async () => {
  const secret = "jo.secret@example.org";
  const rows = rowsOf(250).map(
    ([text, label], i): Row => [i % 2 ? `${text} ${secret} number${i}` : text, label],
  );
  const said = JSON.stringify(await look(rows));
  expect(said).not.toContain("secret");
  expect(said).not.toMatch(/number\d/);
});

test("too few rows, one class and another task have no probe, with the reason", async () => {
  expect(await look(rowsOf(90))).toMatchObject({ probe: null, noProbe: "too_few_rows" });
  expect(await look(rowsOf(300).map(([text]): Row => [text, "one"]))).toMatchObject({ noProbe: "one_class" });
  const numbers = await look(
    rowsOf(300).map(([text], i): Row => [text, i]),
    "text-number",
  );
  expect(numbers).toMatchObject({ noProbe: "task", classes: [], agreement: null });
  expect(findingOf(numbers, "task_not_appraised")?.severity).toBe("note");
});
