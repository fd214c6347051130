import { expect, test } from "vitest";
import { logOdds, occlude, occlusionWeights } from "./occlusion";

test("a text has no more variants than one batch takes, and all of its words are left out once", () => {
  const text = Array.from({ length: 100 }, (_, n) => `w${n}`).join(" ");
  const { spans, variants } = occlude(text);
  expect(variants).toHaveLength(31);
  expect(spans.flatMap(({ start, end }) => text.slice(start, end).split(" "))).toEqual(text.split(" "));
  expect(occlude("pay me").variants).toEqual([" me", "pay "]);
  expect(occlude("").variants).toEqual([]);
});

test("a weight is what the label's log-odds lose, exact where the probability rounds to one", () => {
  const sure = Float32Array.from([60, 0, -1]);
  expect(logOdds(sure, 0)).toBeCloseTo(60 - Math.log(1 + Math.exp(-1)), 4);
  const logits = Float32Array.from([2, 0, 1, 0, 3, 0]);
  expect(occlusionWeights(logits, 2, 0, logOdds)).toEqual([1, -1]);
  expect(occlusionWeights(logits, 2, 1, logOdds)).toEqual([-1, 1]);
});
