import fc from "fast-check";
import { expect, test } from "vitest";
import { shorten } from "./embeddings";

test("a number of a vector is written short and read back as the same float32", () => {
  const unit = fc.float({ min: -1, max: 1, noNaN: true });
  const small = fc.float({ min: Math.fround(-1e-3), max: Math.fround(1e-3), noNaN: true });
  fc.assert(
    fc.property(fc.oneof(unit, small), (value) => {
      expect(Math.fround(JSON.parse(JSON.stringify(shorten(value))))).toBe(value === 0 ? 0 : value);
    }),
    { numRuns: 5000 },
  );
  expect(JSON.stringify(shorten(Math.fround(0.1)))).toBe("0.10000000149");
});
