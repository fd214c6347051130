import { expect, test } from "vitest";
import { generator } from "../linear/svm";
import { augment, NO_AUGMENTATION } from "./augment";

const ids = Int32Array.from([101, 5, 6, 7, 8, 9, 102]);

test("nothing is changed unless asked for", () => {
  expect(augment(ids, NO_AUGMENTATION, generator(1))).toBe(ids);
});

test("special tokens stay, words are left out or change places, and at least one word remains", () => {
  for (let seed = 0; seed < 200; seed++) {
    const dropped = augment(ids, { drop: 0.5, swap: 0 }, generator(seed));
    expect([dropped[0], dropped.at(-1)]).toEqual([101, 102]);
    expect(dropped.length).toBeGreaterThan(2);
    expect([...dropped.subarray(1, -1)]).toEqual([...ids].filter((id) => id < 100 && dropped.includes(id)));
    const swapped = augment(ids, { drop: 0, swap: 0.5 }, generator(seed));
    expect([...swapped].sort((a, b) => a - b)).toEqual([...ids].sort((a, b) => a - b));
  }
  expect(augment(ids, { drop: 1, swap: 0 }, generator(1))).toEqual(ids);
});

test("the same seed augments alike", () => {
  const both = [3, 3].map((seed) => augment(ids, { drop: 0.3, swap: 0.3 }, generator(seed)));
  expect(both[0]).toEqual(both[1]);
});
