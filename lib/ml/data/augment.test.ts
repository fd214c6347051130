import { expect, test } from "vitest";
import { generator } from "../linear/svm";
import { augment, NO_AUGMENTATION } from "./augment";

const ids = Int32Array.from([101, 5, 6, 7, 8, 9, 102]);

test("nothing is changed unless asked for", () => {
  expect(augment(ids, NO_AUGMENTATION, generator(1))).toBe(ids);
});

test("special tokens stay, words are left out or change places, and at least one word remains", () => {
  for (let seed = 0; seed < 200; seed++) {
    const dropped = augment(ids, { ...NO_AUGMENTATION, drop: 0.5 }, generator(seed));
    expect([dropped[0], dropped.at(-1)]).toEqual([101, 102]);
    expect(dropped.length).toBeGreaterThan(2);
    expect([...dropped.subarray(1, -1)]).toEqual([...ids].filter((id) => id < 100 && dropped.includes(id)));
    const swapped = augment(ids, { ...NO_AUGMENTATION, swap: 0.5 }, generator(seed));
    expect([...swapped].sort((a, b) => a - b)).toEqual([...ids].sort((a, b) => a - b));
  }
  expect(augment(ids, { ...NO_AUGMENTATION, drop: 1 }, generator(1))).toEqual(ids);
});

test("the same seed augments alike", () => {
  const both = [3, 3].map((seed) => augment(ids, { drop: 0.3, swap: 0.3, synonym: 0 }, generator(seed)));
  expect(both[0]).toEqual(both[1]);
});

test("words give way to their neighbours only, and words without any stay", () => {
  const neighbours = new Map([
    [5, [50, 51]],
    [8, [80]],
  ]);
  const all = { ...NO_AUGMENTATION, synonym: 1 };
  const seen = new Set<number>();
  for (let seed = 0; seed < 20; seed++) {
    const changed = augment(ids, all, generator(seed), neighbours);
    seen.add(changed[1] as number);
    expect([changed[0], ...changed.subarray(2)]).toEqual([101, 6, 7, 80, 9, 102]);
  }
  expect([...seen].sort()).toEqual([50, 51]);
  expect(augment(ids, all, generator(1))).toEqual(ids);
});
