import fc from "fast-check";
import { expect, test } from "vitest";
import { sumUp } from "./documents";
import { price, toMinor } from "./money";
import { type BilledPeriod, linesOf, pricesOf, trueUp } from "./period-lines";
import { monthOf, periodsOf, runDay, shareOfMonth } from "./periods";
import type { PriceSheet } from "./price-sheet";

const at = (text: string) => new Date(`${text}Z`);
const STANDARD = { taxCode: "standard", rateBp: 1900 };
const sheet: PriceSheet = {
  base: "190",
  meters: {
    "inference.row": {
      included: "1000",
      tiers: [
        { up_to: "500", unit_decimal: "0.0125" },
        { up_to: null, unit_decimal: "0.004" },
      ],
    },
    "training.job": { included: "0", tiers: [{ up_to: null, unit_decimal: "9" }] },
  },
};
const nothingFixed = { quantity: 0n, amount: price("0") };
const period = (more: Partial<BilledPeriod> = {}): BilledPeriod => ({
  subscriptionId: "sub_1",
  sheet,
  ...monthOf("2026-01"),
  used: [],
  late: [],
  ...more,
});
const told = (of: BilledPeriod, currency = "EUR") =>
  linesOf(of, currency, STANDARD).map(({ key, quantity, amountMinor }) => [
    key.split("Z/").at(-1),
    Number(quantity),
    Number(amountMinor),
  ]);

test("a whole month costs its base fee, what is included nothing, and each tier its own price", () => {
  const used = [
    { meter: "inference.row" as const, quantity: 2001n, fixed: nothingFixed },
    { meter: "training.job" as const, quantity: 1n, fixed: { quantity: 2n, amount: price("12.345") } },
  ];
  expect(told(period({ used }))).toEqual([
    ["base", 1, 19_000],
    ["inference.row/included", 1000, 0],
    ["inference.row/0", 500, 625],
    ["inference.row/1", 501, 200],
    ["training.job/0", 1, 900],
    ["training.job/fixed", 2, 1235],
  ]);
});

test("a part of a month has its share of the fee, of what is included and of the tiers' bounds", () => {
  const half = { startsAt: at("2026-04-16T00:00:00"), endsAt: at("2026-05-01T00:00:00") };
  const used = [{ meter: "inference.row" as const, quantity: 1000n, fixed: nothingFixed }];
  expect(told(period({ ...half, used }))).toEqual([
    ["base", 1, 9500],
    ["inference.row/included", 500, 0],
    ["inference.row/0", 250, 313],
    ["inference.row/1", 250, 100],
  ]);
});

test("late units cost what they would have cost in time, on top of those that came in time", () => {
  const { meter, prices, share } = {
    meter: "inference.row" as const,
    prices: pricesOf(sheet, "inference.row"),
    share: shareOfMonth(monthOf("2025-12")),
  };
  const late = [{ month: "2025-12", meter, quantity: 600n, before: 1200n, prices, share }];
  expect(told(period({ late })).slice(1)).toEqual([
    ["late/2025-12/inference.row/0", 300, 375],
    ["late/2025-12/inference.row/1", 300, 120],
  ]);
  fc.assert(
    fc.property(fc.bigInt(0n, 3000n), fc.bigInt(0n, 3000n), (before, quantity) => {
      const cost = (of: BilledPeriod) =>
        linesOf(of, "KWD", STANDARD)
          .slice(1)
          .reduce((sum, line) => sum + line.amountMinor, 0n);
      const inTime = cost(period({ used: [{ meter, quantity: before + quantity, fixed: nothingFixed }] }));
      const apart =
        cost(period({ used: [{ meter, quantity: before, fixed: nothingFixed }] })) +
        cost(period({ late: [{ month: "2025-12", meter, quantity, before, prices, share }] }));
      // Each of the four lines is rounded by itself.
      expect(Math.abs(Number(inTime - apart))).toBeLessThanOrEqual(2);
    }),
  );
});

test("the parts of a month that was cut sum up to the fee of a whole one, to within the rounding of each", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_678_399 }), (second) => {
      const { startsAt, endsAt } = monthOf("2026-01");
      const cut = new Date(startsAt.getTime() + second * 1000);
      const fee = (from: Date, to: Date) =>
        linesOf(period({ startsAt: from, endsAt: to }), "EUR", STANDARD)[0]?.amountMinor ?? 0n;
      expect(Math.abs(Number(fee(startsAt, cut) + fee(cut, endsAt) - 19_000n))).toBeLessThanOrEqual(1);
    }),
  );
});

test("tax is once a rate on the sum of its lines, and totals do not depend on the order of lines", () => {
  const line = fc.record({
    amountMinor: fc.bigInt(-500n, 5000n),
    taxCode: fc.constantFrom("standard", "reduced", "exempt"),
    rateBp: fc.constantFrom(0, 700, 1900),
  });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const sums = sumUp(lines);
      expect(sumUp([...lines].reverse())).toEqual(sums);
      expect(sums.totalMinor).toBe(sums.netMinor + sums.taxMinor);
      expect(sums.netMinor).toBe(lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n));
    }),
  );
  expect(sumUp([1, 2, 3].map(() => ({ amountMinor: 3n, ...STANDARD }))).taxMinor).toBe(2n);
});

test("periods are calendar months, cut where the subscription begins and ends, leap days included", () => {
  const starts = (of: { startsAt: Date; endsAt: Date | null }, until: string) =>
    periodsOf(of, at(until)).map(({ startsAt, endsAt }) =>
      [startsAt, endsAt].map((one) => one.toISOString().slice(0, 16)).join(" "),
    );
  expect(starts({ startsAt: at("2028-01-31T12:00:00"), endsAt: null }, "2028-03-01T00:00:01")).toEqual([
    "2028-01-31T12:00 2028-02-01T00:00",
    "2028-02-01T00:00 2028-03-01T00:00",
    "2028-03-01T00:00 2028-04-01T00:00",
  ]);
  expect(
    starts({ startsAt: at("2026-01-01T00:00:00"), endsAt: at("2026-02-10T00:00:00") }, "2027-01-01T00:00:00"),
  ).toEqual(["2026-01-01T00:00 2026-02-01T00:00", "2026-02-01T00:00 2026-02-10T00:00"]);
  expect(shareOfMonth(monthOf("2028-02")).whole).toBe(29n * 86_400n);
  expect(runDay("2026-12")).toEqual(at("2027-01-04T00:00:00"));
});

test("a commitment that usage did not reach is made up at its end, and only what is missing", () => {
  const due = (usedMinor: bigint, currency = "EUR") =>
    trueUp("sub_1", monthOf("2026-01"), { commitment: "1000", usedMinor }, currency, STANDARD)?.amountMinor ??
    null;
  expect([due(99_999n), due(100_000n), due(200_000n), due(0n, "JPY")]).toEqual([1n, null, null, 1000n]);
  expect(toMinor(price("1000"), "JPY")).toBe(1000n);
});
