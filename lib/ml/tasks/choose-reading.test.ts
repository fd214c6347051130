import { expect, test } from "vitest";
import { chooseReading } from "./choose-reading";

const WAYS = [8, 32, "whole"].map((rank) => ({ rank: rank as 8 | "whole", strength: 1, ngrams: 0 }));
/** Right on the first so many of a hundred rows. */
const rightOn = (count: number) => Array.from({ length: 100 }, (_, row) => row < count);

test("the narrowest reading answers that is right as often as any", () => {
  expect(chooseReading([80, 80, 80].map(rightOn), WAYS)).toBe(0);
  expect(chooseReading([80, 82, 82].map(rightOn), WAYS)).toBe(1);
  expect(chooseReading([80, 70, 60].map(rightOn), WAYS)).toBe(0);
});

test("the whole base answers only where it is ahead by more than one standard error", () => {
  expect(chooseReading([80, 82, 83].map(rightOn), WAYS)).toBe(1);
  expect(chooseReading([80, 82, 90].map(rightOn), WAYS)).toBe(2);
  // Ten more and seven fewer: three ahead, and the rows say little.
  const other = rightOn(82).map((right, row) => (row < 7 ? false : right || row < 92));
  expect(other.filter(Boolean)).toHaveLength(85);
  expect(chooseReading([rightOn(80), rightOn(82), other], WAYS)).toBe(1);
});

test("readings that are served alike are told apart by their rows alone, and none is the first", () => {
  expect(chooseReading([80, 83, 82].map(rightOn))).toBe(1);
  expect(chooseReading([])).toBe(0);
});
