import { createHash } from "node:crypto";
import { generator, shuffle } from "../linear/svm";

/**
 * Splits by the content of a row, never by its place: rows with equal text stay together, and a row that was
 * in the test split once stays there in every later version of the dataset.
 */
export const contentHash = (text: string) =>
  createHash("sha256").update(text.normalize("NFKC").trim().toLowerCase()).digest("hex").slice(0, 32);

/** Below this many rows in the smallest class no test rows are taken: they are worth more as training rows. */
export const LEAST_CLASS_ROWS = 30;
const TEST_SHARE = 0.15;

/**
 * Chooses the test rows of a dataset's first training: 15 % of each class, whole groups of equal text.
 * @returns the content hashes of the chosen groups, ascending; empty when a class has under 30 rows.
 */
export function chooseTestHashes(
  hashes: readonly string[],
  labels: Int32Array,
  classes: number,
  seed: number,
) {
  const perClass = new Int32Array(classes);
  for (const label of labels) perClass[label] = (perClass[label] ?? 0) + 1;
  if (Math.min(...perClass) < LEAST_CLASS_ROWS) return [];
  const chosen: string[] = [];
  for (const groups of groupsByClass(hashes, labels, classes, seed)) {
    const wanted = groups.reduce((sum, group) => sum + group.rows.length, 0) * TEST_SHARE;
    let taken = 0;
    for (const group of groups) {
      if (taken + group.rows.length / 2 > wanted) continue;
      chosen.push(group.hash);
      taken += group.rows.length;
    }
  }
  return chosen.sort();
}

/**
 * Fold numbers 0..k-1 of all rows, stratified by class and with equal texts in one fold. k is lowered to the
 * size of the smallest class, but not below two.
 */
export function assignFolds(
  hashes: readonly string[],
  labels: Int32Array,
  classes: number,
  k: number,
  seed: number,
) {
  const folds = new Int32Array(hashes.length);
  const size = new Float64Array(k);
  for (const groups of groupsByClass(hashes, labels, classes, seed)) {
    // The largest groups first, each to the fold that has least of this class, then least of all.
    const mine = new Float64Array(k);
    for (const group of groups.toSorted((a, b) => b.rows.length - a.rows.length)) {
      let best = 0;
      for (let fold = 1; fold < k; fold++) {
        const [m, n] = [mine[fold] as number, mine[best] as number];
        if (m < n || (m === n && (size[fold] as number) < (size[best] as number))) best = fold;
      }
      for (const row of group.rows) folds[row] = best;
      mine[best] = (mine[best] as number) + group.rows.length;
      size[best] = (size[best] as number) + group.rows.length;
    }
  }
  return folds;
}

/** Rows in an order of which every beginning has the classes in their shares. */
export function nestedOrder(labels: Int32Array, rows: readonly number[], seed: number): number[] {
  const byClass = new Map<number, number[]>();
  for (const row of rows) {
    const label = labels[row] as number;
    const own = byClass.get(label);
    if (own) own.push(row);
    else byClass.set(label, [row]);
  }
  const random = generator(seed);
  const placed = [...byClass].flatMap(([, own]) => {
    shuffle(own, random);
    return own.map((row, i) => ({ row, place: (i + random()) / own.length }));
  });
  return placed.sort((a, b) => a.place - b.place).map(({ row }) => row);
}

/** Groups of equal text in seeded order, under the class of their first row. */
function groupsByClass(hashes: readonly string[], labels: Int32Array, classes: number, seed: number) {
  const groups = new Map<string, { hash: string; label: number; rows: number[] }>();
  for (const [row, hash] of hashes.entries()) {
    const group = groups.get(hash);
    if (group) group.rows.push(row);
    else groups.set(hash, { hash, label: labels[row] as number, rows: [row] });
  }
  const byClass = Array.from(
    { length: classes },
    () => [] as { hash: string; label: number; rows: number[] }[],
  );
  // Sorted by hash first: the order of rows in a file must not change the split.
  for (const group of [...groups.values()].sort((a, b) => (a.hash < b.hash ? -1 : 1)))
    byClass[group.label]?.push(group);
  const random = generator(seed);
  return byClass.map((list) => {
    const order = list.map((_, i) => i);
    shuffle(order, random);
    return order.flatMap((i) => list[i] ?? []);
  });
}
