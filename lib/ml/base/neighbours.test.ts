import { memory, tensor2d } from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { openGoldenBackend } from "../golden.fixture";
import { findNeighbours } from "./neighbours";

beforeAll(() => openGoldenBackend());

test("a word's neighbours are whole words that point where it points, and no tensor stays", () => {
  // 0 and 1 lean alike whatever their lengths, 2 points elsewhere, 3 is a piece of a word, 4 half-way.
  const rows = [2, 0.1, 9, 0.9, -0.1, 2, 2, 0.1, 1, 0.9];
  const table = tensor2d(rows, [5, 2]);
  const before = memory().numTensors;
  const found = findNeighbours(table, [0, 1, 2, 4], new Set([0, 2, 3, 4]));
  expect(memory().numTensors).toBe(before);
  expect([...found]).toEqual([
    [0, [1, 4]],
    [2, [4]],
    [4, [1, 0, 2]],
  ]);
  table.dispose();
});
