import { expect, test } from "vitest";
import { acceptanceFigures, type Judged } from "./acceptance-figures";

const row = (label: string, answer: string, confidence = 0.9): Judged => ({
  ...{ line: 1, input: "" },
  ...{ label, answer, confidence },
});
const rows = [
  row("a", "a", 0.99),
  row("a", "a", 0.9),
  row("b", "a", 0.8),
  row("b", "b", 0.7),
  row("b", "b", 0.6),
];
const value = (metric: "accuracy" | "macro_f1" | "recall" | "automation", of?: string) =>
  acceptanceFigures({ metric, of }, rows);

test("accuracy and recall count right answers, with Wilson's interval around them", () => {
  expect(value("accuracy")).toMatchObject({ value: 0.8 });
  const { value: recall, low, high } = value("recall", "b");
  expect(recall).toBeCloseTo(2 / 3, 12);
  // Wilson 1927 for 2 of 3.
  expect([low, high].map((bound) => bound.toFixed(3))).toEqual(["0.208", "0.939"]);
});

test("macro-F1 is the mean over classes, whatever their size", () => {
  // a: precision 2/3, recall 1; b: precision 1, recall 2/3.
  expect(value("macro_f1").value).toBeCloseTo(0.8, 12);
});

test("automation is the largest share, from the surest on, that keeps the accepted error", () => {
  expect(value("automation", "0").value).toBe(0.4);
  expect(value("automation", "0.2").value).toBe(1);
  expect(value("automation", "0.25").value).toBe(1);
  // Answers that are equally sure are given or kept back together.
  const tied = [row("a", "a", 0.5), row("b", "a", 0.5)];
  expect(acceptanceFigures({ metric: "automation", of: "0.4" }, tied).value).toBe(0);
});

test("every class of the set is listed with its rows, also one that was never answered", () => {
  expect(value("accuracy").perClass).toEqual([
    { label: "a", rows: 2, recall: 1 },
    { label: "b", rows: 3, recall: 2 / 3 },
  ]);
});

test("of a class without rows nothing is known: the interval is everything", () => {
  const { low, high } = value("recall", "absent");
  expect([low, high]).toEqual([0, 1]);
});
