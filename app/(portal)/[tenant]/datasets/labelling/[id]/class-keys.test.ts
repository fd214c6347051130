import { expect, test } from "vitest";
import { keyOf, OTHER_KEYS, placeOfKey } from "./class-keys";

test("every class up to the last letter has a key of its own, and none is one that skips, undoes or declines", () => {
  const keys = Array.from({ length: 33 }, (_, place) => keyOf(place));
  expect(keys.slice(0, 10)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "a"]);
  expect(new Set(keys).size).toBe(33);
  for (const key of Object.values(OTHER_KEYS)) expect(keys).not.toContain(key);
  for (const [place, key] of keys.entries()) expect(placeOfKey(key?.toUpperCase() ?? "")).toBe(place);
  expect(keyOf(33)).toBeNull();
  expect(placeOfKey("Enter")).toBe(-1);
});
