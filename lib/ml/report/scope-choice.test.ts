import { expect, test } from "vitest";
import { generator } from "../linear/svm";
import { aurocError, chooseScopeScore, type Judged, scopeOf, scopeThreshold } from "./scope-choice";

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

test("the standard error of an AUROC is that of the example in Hanley & McNeil 1982", () => {
  expect(aurocError(0.893, { inside: 51, outside: 58 })).toBeCloseTo(0.0325, 4);
});

test("the AUROC of a score says over how many rows it was taken, and what it may be by chance", () => {
  const random = generator(2);
  const many = (count: number, shift: number) =>
    Array.from({ length: count }, () => judged([0, 0], shift + random()));
  const of = (inside: number, outside: number, shift: number) =>
    chooseScopeScore([
      { inside: many(inside, shift), outside: many(outside, 0) },
      { inside: [], outside: many(9, 0) },
      { inside: many(inside, shift), outside: many(outside, 0) },
    ]);
  const few = of(20, 10, 0.5);
  const more = of(200, 100, 0.5);
  expect(few?.measured).toMatchObject({ rounds: 2, inside: 40, outside: 20 });
  expect(more?.measured).toMatchObject({ rounds: 2, inside: 400, outside: 200 });
  for (const one of [few, more]) {
    expect(one?.measured.low).toBeLessThan(one?.auroc ?? 0);
    expect(one?.measured.high).toBeGreaterThan(one?.auroc ?? 1);
    // Rows of either kind are drawn evenly from a stretch of one, half of which they share.
    expect(one?.measured.low).toBeLessThan(0.875);
    expect(one?.measured.high).toBeGreaterThan(0.875);
  }
  const width = (one: typeof few) => (one?.measured.high ?? 0) - (one?.measured.low ?? 0);
  expect(width(more)).toBeLessThan(width(few) / 2);
  // Few rows that were all told apart are no proof that all rows are.
  expect(of(20, 10, 2)).toMatchObject({ auroc: 1, measured: { high: 1 } });
  expect(of(20, 10, 2)?.measured.low).toBeLessThan(0.95);
});
