import { expect, test } from "vitest";
import { generator } from "../linear/svm";
import { chooseScopeScore, type Judged, scopeOf, scopeThreshold } from "./scope-choice";

const judged = (logits: number[], similarity: number): Judged => ({
  logits: Float32Array.from(logits),
  similarity,
});

test("scores of a row done by hand", () => {
  const row = judged([2, 1, 0], 0.4);
  const sum = Math.exp(2) + Math.exp(1) + 1;
  expect(scopeOf("max_logit", row)).toBe(2);
  expect(scopeOf("max_probability", row)).toBeCloseTo(Math.exp(2) / sum, 6);
  expect(scopeOf("energy", row)).toBeCloseTo(Math.log(sum), 6);
  expect(scopeOf("similarity", row)).toBe(0.4);
});

test("the score that tells best is chosen, and none where none tells", () => {
  const random = generator(1);
  const many = (similarity: number, logit: number) =>
    Array.from({ length: 200 }, () => judged([logit + random(), 0], similarity + random()));
  expect(chooseScopeScore([{ inside: many(0, 0.8), outside: many(0, 0) }])?.score).toBe("max_probability");
  expect(chooseScopeScore([{ inside: many(0.9, 0), outside: many(0, 0) }])?.score).toBe("similarity");
  expect(chooseScopeScore([{ inside: many(0, 0), outside: many(0, 0) }])).toBeNull();
  expect(chooseScopeScore([])).toBeNull();
});

test("the threshold keeps 96 of a hundred", () => {
  const inside = Array.from({ length: 100 }, (_, i) => judged([0, 0], i / 100));
  const threshold = scopeThreshold("similarity", inside);
  expect(inside.filter((one) => scopeOf("similarity", one) >= threshold)).toHaveLength(96);
});
