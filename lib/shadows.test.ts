import { expect, test } from "vitest";
import { compare } from "./shadows";

const number = (value: number) => ({ value, interval: { low: value - 1, high: value + 1, coverage: 0.9 } });
const label = (name: string) => ({
  label: name,
  confidence: 0.9,
  labels: [{ label: name, probability: 0.9 }],
});

test("labels are compared by name, numbers by the answer's interval, and pieces of texts are never kept", () => {
  const labels = { task: "text-classification" };
  expect(compare(labels, label("a"), label("b"))).toEqual({ answered: "a", shadowed: "b", isSame: false });
  expect(compare(labels, label("a"), label("a"))).toEqual({ answered: "a", shadowed: "a", isSame: true });
  const unnamed = { answered: "", shadowed: "" };
  expect(compare({ task: "text-number" }, number(3), number(3.9))).toEqual({ ...unnamed, isSame: true });
  expect(compare({ task: "text-number" }, number(3), number(4.1))).toEqual({ ...unnamed, isSame: false });
  const spans = (text: string) => ({ spans: [{ text, label: "person", start: 0, end: 3, confidence: 1 }] });
  expect(compare({ task: "text-entities" }, spans("Ana"), spans("Bob"))).toEqual({
    ...unnamed,
    isSame: false,
  });
});
