import { expect, test } from "vitest";
import { TASKS } from "../catalogue";
import { csvOf, readWhole, testFolder } from "./fixtures";

const { dir, put } = testFolder();
const check = (id: string, content: string, columns: Record<string, string>) =>
  readWhole(
    dir,
    put("targets.csv", content),
    {},
    { roles: TASKS[id as keyof typeof TASKS]?.roles ?? [], columns },
  );

const texts = Array.from({ length: 20 }, (_, n) => `a text of its own, number ${n}`);
const withLabels = (cellOf: (n: number) => string, header = "labels") =>
  csvOf([["text", header], ...texts.map((text, n) => [text, cellOf(n)])], "\t");
const several = { text: "text", labels: "labels" };
const number = { text: "text", number: "stars" };

test("several labels are read out of a cell, counted each, and the frozen row holds the list", async () => {
  const { report, refusal, rows } = await check(
    "text-multi-label",
    withLabels((n) => (n % 2 ? "billing; late" : n % 4 ? '["late"]' : "[]")),
    several,
  );
  expect(refusal).toBeNull();
  expect(report).toMatchObject({ accepted: 20, setAside: 0 });
  expect(report.classes).toEqual([
    { label: "late", rows: 15 },
    { label: "billing", rows: 10 },
  ]);
  expect(rows.slice(0, 3).map((row) => row.target)).toEqual([[], ["billing", "late"], ["late"]]);
});

test.each([
  [
    "a label that stands in every row",
    (n: number) => (n % 2 ? "always; some" : "always"),
    "label_everywhere",
  ],
  ["one label alone", (n: number) => (n % 2 ? "only" : "[]"), "one_class"],
  ["more labels than rows", (n: number) => `a${n}, b${n}, c${n}`, "labels_all_distinct"],
  ["empty targets", () => "", "rows_too_few"],
])("%s is refused for several labels", async (_, cellOf, code) => {
  const { refusal } = await check("text-multi-label", withLabels(cellOf), several);
  expect(refusal?.code).toBe(code);
  expect(refusal?.message).toMatch(/[.)]$/);
});

test("a cell that begins a list and is none is set aside, and so is an empty one", async () => {
  const { kinds } = await check(
    "text-multi-label",
    withLabels((n) => (n === 3 ? "[one, two]" : n === 4 ? " " : n % 2 ? "a" : "b")),
    several,
  );
  expect(kinds.labels_invalid).toMatchObject({ lines: [5], severity: "error" });
  expect(kinds.label_empty).toMatchObject({ lines: [6], severity: "error" });
});

test("numbers are read with their fractions, described, and what is none is set aside", async () => {
  const { report, refusal, kinds, rows } = await check(
    "text-number",
    withLabels((n) => (n === 7 ? "five" : n === 8 ? "" : n % 2 ? "1,5" : String(n % 5)), "stars"),
    number,
  );
  expect(refusal).toBeNull();
  expect(kinds.number_invalid?.lines).toEqual([9]);
  expect(kinds.number_empty?.lines).toEqual([10]);
  expect(rows[1]?.target).toBe(1.5);
  expect(report.numbers).toMatchObject({ least: 0, most: 4 });
  expect(report.numbers?.bins.reduce((sum, bin) => sum + bin.rows, 0)).toBe(report.accepted);
});

test.each([
  ["a column without numbers", (n: number) => `word ${n}`, "no_numbers"],
  ["equal numbers", () => "4", "numbers_all_equal"],
])("%s is refused where a number is to be learnt", async (_, cellOf, code) => {
  const { refusal } = await check("text-number", withLabels(cellOf, "stars"), number);
  expect(refusal?.code).toBe(code);
});

test("two texts of a row are frozen together, and one column cannot be both", async () => {
  const lines = [["one", "two", "score"], ...texts.map((text, n) => [text, `${text} again`, String(n / 4)])];
  const columns = { text: "one", text_b: "two", number: "score" };
  const { rows, refusal, report } = await check("text-similarity", csvOf(lines, "\t"), columns);
  expect(refusal).toBeNull();
  expect(rows[0]?.input).toEqual({ text: texts[0], text_b: `${texts[0]} again` });
  expect(report.columns.map(({ role }) => role)).toEqual(["text", "text_b", "number"]);
  const twice = await check("text-similarity", csvOf(lines, "\t"), { ...columns, text_b: "one" });
  expect(twice.refusal?.code).toBe("column_unknown");
});
