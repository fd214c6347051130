import { expect, test } from "vitest";
import { isExact, meanDifference, meanOf, wordF1 } from "./answer-metrics";

const pair = (expected: string, answered: string) => ({ expected, answered });

test("case, punctuation and articles do not count, in English and in German", () => {
  expect(isExact(pair("the Eiffel Tower", "Eiffel tower."))).toBe(true);
  expect(isExact(pair("der Rhein", "Rhein"))).toBe(true);
  expect(isExact(pair("in 1990", "1990"))).toBe(false);
});

test("F1 is that of shared words, as SQuAD counts, and of characters in Chinese", () => {
  expect(wordF1(pair("the long grey road", "grey road north"))).toBeCloseTo(2 / 3);
  expect(wordF1(pair("a b b", "b b b"))).toBeCloseTo(4 / 5);
  expect(wordF1(pair("北京大学", "北京"))).toBeCloseTo(2 / 3);
  expect(wordF1(pair("yes", "no"))).toBe(0);
});

test("intervals hold their value, and equal answers differ by nothing", () => {
  const { value, low, high } = meanOf([0, 1, 1, 0, 1]);
  expect(value).toBeCloseTo(0.6);
  expect(low).toBeLessThan(0.6);
  expect(high).toBeGreaterThan(0.6);
  expect(meanDifference([0, 1], [0, 1])).toMatchObject({ value: 0, error: 0 });
});
