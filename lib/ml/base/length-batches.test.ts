import { expect, test } from "vitest";
import { lengthBatches } from "./length-batches";

test("like lengths are together, padded tokens and rows stay within their bounds, and a long row is alone", () => {
  const lengths = [5, 90, 3, 5, 4, 40];
  const batches = lengthBatches(lengths, 20);
  expect(batches).toEqual([[2, 4, 0, 3], [5], [1]]);
  expect(lengthBatches(lengths, 20, 2)).toEqual([[2, 4], [0, 3], [5], [1]]);
  expect(lengthBatches([], 20)).toEqual([]);
});
