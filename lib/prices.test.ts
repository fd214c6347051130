import fc from "fast-check";
import { expect, test } from "vitest";
import { add, decimalOf, divideRounded, isPrice, minorDigits, price, shareOf, times, toMinor } from "./money";
import { graduate, type Tiers, tiersSchema } from "./prices";

const decimal = fc.tuple(fc.bigInt(0n, 999_999n), fc.nat(12)).map(([digits, places]) => {
  const text = digits.toString().padStart(places + 1, "0");
  return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
});
/** Unit prices in any order: a tier may be dearer than the one before it. */
const tiers: fc.Arbitrary<Tiers> = fc
  .tuple(
    fc.uniqueArray(fc.bigInt(1n, 10_000n), { maxLength: 5 }),
    fc.array(decimal, { minLength: 6, maxLength: 6 }),
  )
  .map(([bounds, units]) =>
    [...bounds.sort((a, b) => Number(a - b)), null].map((bound, i) => ({
      up_to: bound?.toString() ?? null,
      unit_decimal: units[i] ?? "0",
    })),
  );
const quantity = fc.bigInt(0n, 30_000n);
const isEqual = (a: ReturnType<typeof price>, b: ReturnType<typeof price>) =>
  a.numerator * b.denominator === b.numerator * a.denominator;

test("a half is rounded away from zero, on both sides of it", () => {
  expect([5n, -5n, 4n, -4n, 15n, 25n].map((tenths) => divideRounded(tenths, 10n))).toEqual([
    1n,
    -1n,
    0n,
    0n,
    2n,
    3n,
  ]);
  fc.assert(
    fc.property(fc.bigInt(-10_000n, 10_000n), fc.bigInt(1n, 999n), (n, d) => {
      const rounded = divideRounded(n, d);
      const distance = (n - rounded * d) * 2n;
      expect(distance <= d && distance >= -d).toBe(true);
      expect(divideRounded(-n, d)).toBe(-rounded);
    }),
  );
});

test("currencies without minor units and with thousandths are rounded where they end", () => {
  expect(["EUR", "JPY", "KWD"].map(minorDigits)).toEqual([2, 0, 3]);
  const amount = times(price("0.0125"), 1002n);
  expect(["EUR", "JPY", "KWD"].map((currency) => decimalOf(toMinor(amount, currency), currency))).toEqual([
    "12.53",
    "13",
    "12.525",
  ]);
  expect([0n, 5n, -5n, 1234n].map((minor) => decimalOf(minor, "EUR"))).toEqual([
    "0.00",
    "0.05",
    "-0.05",
    "12.34",
  ]);
});

test("what is not a price is refused: a sign, a comma, an exponent, thirteen places", () => {
  for (const text of ["-1", "+1", "1,5", "1e3", "0.0000000000001", ".5", "5.", "", "NaN", " 1"])
    expect(isPrice(text), text).toBe(false);
  for (const text of ["0", "1", "0.000000000001", "19.90"]) expect(isPrice(text), text).toBe(true);
});

test("a negative quantity is refused", () => {
  expect(() => times(price("1"), -1n)).toThrow(RangeError);
  expect(() => graduate(-1n, { included: 0n, tiers: [{ up_to: null, unit_decimal: "1" }] })).toThrow(
    RangeError,
  );
});

test("a graduated amount is the sum over the units, each at the price of its tier, before rounding", () => {
  fc.assert(
    fc.property(tiers, fc.bigInt(0n, 500n), fc.bigInt(0n, 1200n), (of, included, units) => {
      let byUnit = price("0");
      for (let n = 1n; n <= units - included; n++) {
        const tier = of.find(({ up_to }) => up_to === null || n <= BigInt(up_to));
        byUnit = add(byUnit, price(tier?.unit_decimal ?? "0"));
      }
      expect(isEqual(graduate(units, { included, tiers: of }).amount, byUnit)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("a graduated amount never falls when the quantity rises, and every unit is in one tier or included", () => {
  fc.assert(
    fc.property(tiers, fc.bigInt(0n, 500n), quantity, fc.bigInt(0n, 5000n), (of, included, less, more) => {
      const [a, b] = [less, less + more].map((units) => graduate(units, { included, tiers: of }));
      if (!a || !b) throw new Error("two amounts");
      expect(a.amount.numerator * b.amount.denominator <= b.amount.numerator * a.amount.denominator).toBe(
        true,
      );
      expect(b.free + b.uses.reduce((sum, { units }) => sum + units, 0n)).toBe(less + more);
    }),
  );
});

test("a cut period includes at least its share, and both parts together at most one unit a bound more", () => {
  fc.assert(
    fc.property(tiers, quantity, fc.bigInt(1n, 2_678_399n), (of, included, part) => {
      const whole = 2_678_400n;
      const freeOf = (seconds: bigint) =>
        graduate(1_000_000n, { included, tiers: of }, { part: seconds, whole }).free;
      const together = freeOf(part) + freeOf(whole - part);
      expect(together >= included && together <= included + 1n).toBe(true);
    }),
  );
});

test("tax is a share that is rounded once", () => {
  expect([shareOf(1001n, 1900), shareOf(50n, 100), shareOf(-50n, 100), shareOf(10n, 0)]).toEqual([
    190n,
    1n,
    -1n,
    0n,
  ]);
});

test("tiers that fall, end early or stay open in the middle are refused", () => {
  const tier = (up_to: string | null) => ({ up_to, unit_decimal: "1" });
  for (const bounds of [["5"], [null, null], ["5", "5", null], ["5", "4", null], ["0", null]])
    expect(tiersSchema.safeParse(bounds.map(tier)).success, String(bounds)).toBe(false);
  expect(tiersSchema.safeParse(["5", "6", null].map(tier)).success).toBe(true);
  expect(tiersSchema.safeParse([{ up_to: null, unit_decimal: "-1" }]).success).toBe(false);
});
