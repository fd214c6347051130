import { expect, test } from "vitest";
import { parseLabels, parseNumber } from "./cells";

test.each([
  ["billing", ["billing"]],
  ["billing, late; x", ["billing, late", "x"]],
  ["a|b, c", ["a", "b, c"]],
  ["a，b、b", ["a", "b"]],
  ['["a, b", "c", 3]', ["a, b", "c", "3"]],
  ["[]", []],
  ["[1, {}]", null],
  ["[not a list]", null],
])("the labels of %s", (cell, labels) => {
  expect(parseLabels(cell)).toEqual(labels);
});

test.each([
  ["3", 3],
  [" -2.50 ", -2.5],
  ["3,5", 3.5],
  ["1,234.5", 1234.5],
  ["1,234,567", 1234567],
  [".5", 0.5],
  ["1e3", 1000],
  ["five", null],
  ["5 stars", null],
  ["", null],
  ["Infinity", null],
])("the number of %j", (cell, number) => {
  expect(parseNumber(cell)).toBe(number);
});
