import { expect, test } from "vitest";
import { type JudgedText, spanDifference, spanF1, spanFigures } from "./span-metrics";

const span = (start: number, end: number, label: string) => ({ start, end, label });
/** Two right, one with the wrong label, one too long, one missed. */
const judged: JudgedText[] = [
  { gold: [span(0, 3, "person"), span(5, 9, "place")], found: [span(0, 3, "person"), span(5, 9, "person")] },
  { gold: [span(0, 4, "place"), span(6, 8, "place")], found: [span(0, 4, "place"), span(6, 9, "place")] },
  { gold: [span(2, 4, "person")], found: [] },
];

test("only the same place with the same label counts, as conlleval counts", () => {
  const figures = spanFigures(judged, ["person", "place"]);
  expect(figures).toMatchObject({ precision: 2 / 4, recall: 2 / 5, f1: 4 / 9, support: 5 });
  expect(figures.perLabel).toEqual([
    { label: "person", precision: 1 / 2, recall: 1 / 2, f1: 1 / 2, support: 2 },
    { label: "place", precision: 1 / 2, recall: 1 / 3, f1: 2 / 5, support: 3 },
  ]);
});

test("the interval holds the value and narrows with more texts", () => {
  const few = spanF1(judged);
  const many = spanF1(Array.from({ length: 60 }, () => judged).flat());
  expect(few.low).toBeLessThanOrEqual(few.value);
  expect(few.high).toBeGreaterThanOrEqual(few.value);
  expect(many.value).toBe(few.value);
  expect(many.high - many.low).toBeLessThan((few.high - few.low) / 2);
});

test("nothing differs from itself, and what finds more is ahead", () => {
  expect(spanDifference(judged, judged)).toMatchObject({ value: 0, error: 0 });
  const perfect = judged.map(({ gold }) => ({ gold, found: gold }));
  expect(spanDifference(perfect, judged).value).toBeCloseTo(5 / 9);
});
