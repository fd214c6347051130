import type { Line, LineText } from "./documents";
import { type Exact, price, times, toMinor } from "./money";
import { monthName, type Period, shareOfMonth } from "./periods";
import type { Meter, PriceSheet } from "./price-sheet";
import { graduate, type MeterPrice, type Share, type TierUse } from "./prices";

/** What a period costs by its price sheet, line by line; every line is rounded once. Pure. */

export interface Used {
  meter: Meter;
  /** Billable units at the sheet's price. */
  quantity: bigint;
  /** Billable units whose price was fixed before the work, and what they come to. */
  fixed: { quantity: bigint; amount: Exact };
}
/** Units that occurred in an earlier month and were counted to this one. */
export interface Late {
  month: string;
  meter: Meter;
  quantity: bigint;
  /** Units that were billed for that month until now, and by which prices. */
  before: bigint;
  prices: MeterPrice;
  share: Share;
}
export interface BilledPeriod extends Period {
  subscriptionId: string;
  sheet: PriceSheet;
  used: readonly Used[];
  late: readonly Late[];
}
type Tax = Pick<Line, "taxCode" | "rateBp">;

export function linesOf(period: BilledPeriod, currency: string, tax: Tax): Line[] {
  const { subscriptionId, sheet, startsAt, endsAt } = period;
  const share = shareOfMonth(period);
  const time = { from: startsAt.toISOString(), to: endsAt.toISOString() };
  const about = `${subscriptionId}/${startsAt.toISOString()}`;
  const line = (
    key: string,
    is: LineText["is"],
    values: Record<string, string>,
    [quantity, unitDecimal, amount]: readonly [bigint, string, Exact],
  ): Line => ({
    key: `${about}/${key}`,
    text: { is, values },
    quantity,
    unitDecimal,
    amountMinor: toMinor(amount, currency),
    ...tax,
  });
  const base = [1n, sheet.base, times(price(sheet.base), share.part, share.whole)] as const;
  const lines = [line("base", "base", { ...time, part: `${share.part}/${share.whole}` }, base)];
  for (const { meter, quantity, fixed } of period.used) {
    const prices = pricesOf(sheet, meter);
    const { free, uses } = graduate(quantity, prices, share);
    if (free > 0n)
      lines.push(line(`${meter}/included`, "included", { meter, ...time }, [free, "0", price("0")]));
    for (const { tier, units, unitDecimal, amount } of uses)
      lines.push(
        line(`${meter}/${tier}`, "usage", { meter, tier: String(tier), ...time }, [
          units,
          unitDecimal,
          amount,
        ]),
      );
    if (fixed.quantity > 0n)
      lines.push(line(`${meter}/fixed`, "training", { meter, ...time }, [fixed.quantity, "", fixed.amount]));
  }
  for (const { month, meter, quantity, before, prices, share: part } of period.late)
    for (const { tier, units, unitDecimal, amount } of added(before, quantity, prices, part))
      lines.push(
        line(`late/${month}/${meter}/${tier}`, "late", { meter, month, ...time }, [
          units,
          unitDecimal,
          amount,
        ]),
      );
  return lines.filter(({ amountMinor, text }) => amountMinor !== 0n || text.is !== "base");
}

/** A meter that the sheet does not name costs nothing. */
export const pricesOf = (sheet: PriceSheet, meter: Meter): MeterPrice => {
  const { included, tiers } = sheet.meters[meter] ?? {
    included: "0",
    tiers: [{ up_to: null, unit_decimal: "0" }],
  };
  return { included: BigInt(included), tiers };
};

/** By tier, what units cost that come on top of others: as if all had come in time. */
function added(before: bigint, quantity: bigint, prices: MeterPrice, share: Share): TierUse[] {
  const then = graduate(before, prices, share).uses;
  return graduate(before + quantity, prices, share).uses.flatMap((use) => {
    const units = use.units - (then.find(({ tier }) => tier === use.tier)?.units ?? 0n);
    return units > 0n ? [{ ...use, units, amount: times(price(use.unitDecimal), units) }] : [];
  });
}

/** What is missing to a commitment at the end of its term; null where it was reached. */
export function trueUp(
  subscriptionId: string,
  term: Period,
  { commitment, usedMinor }: { commitment: string; usedMinor: bigint },
  currency: string,
  tax: Tax,
): Line | null {
  const missing = toMinor(price(commitment), currency) - usedMinor;
  if (missing <= 0n) return null;
  const values = { from: monthName(term.startsAt), to: term.endsAt.toISOString(), commitment };
  return {
    key: `${subscriptionId}/commitment/${term.startsAt.toISOString()}`,
    text: { is: "commitment", values },
    quantity: 1n,
    unitDecimal: "",
    amountMinor: missing,
    ...tax,
  };
}
