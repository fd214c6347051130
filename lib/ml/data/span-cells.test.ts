import { expect, test } from "vitest";
import { parseSpans, settleSpans } from "./span-cells";

test("objects and triples are read, anything else is not", () => {
  expect(parseSpans('[{"start":0,"end":3,"label":"a"},[4,5,"b"]]')).toEqual([
    { start: 0, end: 3, label: "a" },
    { start: 4, end: 5, label: "b" },
  ]);
  for (const cell of ["", "{}", "[1]", '[{"start":0,"end":3}]', '[[0.5,2,"a"]]', '[[0,2," "]]'])
    expect(parseSpans(cell)).toBeNull();
});

test("stored spans are of the trimmed text, in order and without space at their ends", () => {
  const spans = [
    { start: 9, end: 12, label: "b" },
    { start: 2, end: 7, label: "a" },
  ];
  expect(settleSpans("  😀 Ana  Bob", spans)).toEqual({
    value: [
      { start: 0, end: 5, label: "a" },
      { start: 7, end: 10, label: "b" },
    ],
  });
});

test("spans outside of the text, over each other or of another text are refused", () => {
  const fault = (start: number, end: number, text?: string) =>
    settleSpans("Ana Bob", [
      { start: 0, end: 3, label: "x" },
      { start, end, label: "x", ...(text && { text }) },
    ]);
  expect(fault(4, 8)).toEqual({ fault: "span_outside" });
  expect(fault(5, 5)).toEqual({ fault: "span_outside" });
  expect(fault(2, 5)).toEqual({ fault: "spans_overlap" });
  expect(fault(4, 7, "Bab")).toEqual({ fault: "span_text_differs" });
  expect(fault(4, 7, "Bob")).toHaveProperty("value");
});
