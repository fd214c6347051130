import fc from "fast-check";
import { expect, test } from "vitest";
import { assignFolds, chooseTestHashes, contentHash, nestedOrder } from "./split";

const rows = (n: number, classes: number) =>
  Array.from({ length: n }, (_, i) => ({ text: `row ${i % (n - 7)}`, label: (i % (n - 7)) % classes }));
const columns = (list: { text: string; label: number }[]) => ({
  hashes: list.map((row) => contentHash(row.text)),
  labels: Int32Array.from(list, (row) => row.label),
});

test("the test split does not depend on the order of rows", () => {
  const list = rows(400, 4);
  const { hashes, labels } = columns(list);
  const turned = columns(list.toReversed());
  const one = chooseTestHashes(hashes, labels, 4, 9);
  expect(one.length).toBeGreaterThan(40);
  expect(chooseTestHashes(turned.hashes, turned.labels, 4, 9)).toEqual(one);
});

test("with under thirty rows in a class no test rows are taken", () => {
  const { hashes, labels } = columns([...rows(300, 2), { text: "rare", label: 2 }]);
  expect(chooseTestHashes(hashes, labels, 3, 1)).toEqual([]);
});

test("equal texts are always in one fold, and every class is spread over the folds", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 30, max: 200 }),
      fc.integer({ min: 2, max: 5 }),
      fc.integer(),
      (n, classes, seed) => {
        const { hashes, labels } = columns(rows(n, classes));
        const folds = assignFolds(hashes, labels, classes, 5, seed);
        const seen = new Map<string, number>();
        const count = Array.from({ length: classes }, () => new Int32Array(5));
        for (const [row, hash] of hashes.entries()) {
          expect(seen.get(hash) ?? folds[row]).toBe(folds[row]);
          seen.set(hash, folds[row] ?? 0);
          const mine = count[labels[row] ?? 0];
          if (mine) mine[folds[row] ?? 0] = (mine[folds[row] ?? 0] ?? 0) + 1;
        }
        for (const mine of count) expect(Math.max(...mine) - Math.min(...mine)).toBeLessThanOrEqual(2);
      },
    ),
  );
});

test("case, width and outer spaces do not make a text another text", () => {
  expect(contentHash(" Ｈello ")).toBe(contentHash("hello"));
});

test("every beginning of the nested order has the classes in their shares", () => {
  const labels = Int32Array.from({ length: 900 }, (_, row) => (row % 9 === 0 ? 1 : 0));
  const order = nestedOrder(labels, [...labels.keys()], 3);
  expect(new Set(order).size).toBe(900);
  for (const length of [90, 200, 450]) {
    const share = order.slice(0, length).filter((row) => labels[row] === 1).length / length;
    expect(share).toBeCloseTo(1 / 9, 1);
  }
});
