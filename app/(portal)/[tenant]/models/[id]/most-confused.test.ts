import { expect, test } from "vitest";
import { mostConfused } from "./most-confused";

const pair = (actual: string, predicted: string, count: number) => ({ actual, predicted, count });

test("a map of few classes shows all of them", () => {
  expect(mostConfused(["a", "b", "c"], [pair("a", "b", 1)], 3)).toEqual(["a", "b", "c"]);
});

test("a map of many classes shows those in most wrong answers, on either side, in the order of the labels", () => {
  const labels = ["a", "b", "c", "d", "e"];
  const pairs = [pair("e", "b", 5), pair("b", "d", 3), pair("a", "c", 2), pair("c", "d", 1)];
  expect(mostConfused(labels, pairs, 3)).toEqual(["b", "d", "e"]);
});

test("classes that were confused as often are taken in the order of the labels", () => {
  expect(mostConfused(["a", "b", "c", "d"], [pair("d", "c", 1)], 3)).toEqual(["a", "c", "d"]);
});
