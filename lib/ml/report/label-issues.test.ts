import { expect, test } from "vitest";
import { generator } from "../linear/svm";
import { findLabelIssues } from "./label-issues";

test("planted wrong labels come first, each with its true class suggested", () => {
  const [n, classes] = [600, 4];
  const random = generator(7);
  const truth = Int32Array.from({ length: n }, (_, i) => i % classes);
  const labels = truth.map((label, row) => (row % 20 === 0 ? (label + 1) % classes : label));
  const probabilities = new Float32Array(n * classes);
  for (const [row, label] of truth.entries()) {
    const sure = 0.7 + 0.25 * random();
    for (let k = 0; k < classes; k++) probabilities[row * classes + k] = k === label ? sure : (1 - sure) / 3;
  }
  const issues = findLabelIssues(probabilities, labels, classes);
  expect(issues).not.toHaveLength(0);
  for (const { row, given, suggested, score } of issues) {
    expect(row % 20).toBe(0);
    expect(given).toBe(labels[row]);
    expect(suggested).toBe(truth[row]);
    expect(score).toBeGreaterThan(0.5);
  }
  expect(issues.map(({ score }) => score)).toEqual(
    issues.map(({ score }) => score).toSorted((a, b) => b - a),
  );
});

test("a class the model is never sure of does not fill the list", () => {
  // Class 2 is usually given 0.9 to its own rows; 0.5 for it is no reason to doubt the row of class 0.
  const labels = Int32Array.of(0, 1, 2, 2);
  const probabilities = Float32Array.of(0.4, 0.1, 0.5, 0.1, 0.8, 0.1, 0.05, 0.05, 0.9, 0.05, 0.05, 0.9);
  expect(findLabelIssues(probabilities, labels, 3)).toEqual([]);
});

test("a row of certain zeros is no issue and no division by zero", () => {
  const issues = findLabelIssues(Float32Array.of(0, 0, 1, 1, 0, 0), Int32Array.of(0, 0), 3);
  expect(issues.every(({ score }) => Number.isFinite(score))).toBe(true);
});
