import { z } from "zod";
import { add, divideUp, type Exact, isPrice, least, price, times, ZERO } from "./money";

/** What a quantity costs: graduated tiers, an included volume, and shares of both for a part of a period. */

export const priceField = z.string().refine(isPrice, "must be a decimal number with at most 12 places");
const countField = z.string().regex(/^\d{1,18}$/, "must be a whole number");

/** `up_to` counts from the first unit of the period that is not included; the last tier has none. */
export const tiersSchema = z
  .array(z.object({ up_to: countField.nullable(), unit_decimal: priceField }))
  .min(1)
  .refine(areRising, "must rise, and only the last tier is open");

function areRising(tiers: readonly { up_to: string | null }[]): boolean {
  const bounds = tiers.map(({ up_to }) => up_to);
  // This is asked of bounds that are no numbers too; they are refused by themselves.
  if (!bounds.every((bound) => bound === null || countField.safeParse(bound).success)) return true;
  return bounds.every((bound, i) =>
    i === bounds.length - 1 ? bound === null : bound !== null && BigInt(bound) > BigInt(bounds[i - 1] ?? 0),
  );
}
export type Tiers = z.infer<typeof tiersSchema>;

/** One price of a plan: what is included in a whole period, and what units beyond it cost. */
export interface MeterPrice {
  included: bigint;
  tiers: Tiers;
}

/** A part of a time: seconds of seconds. */
export interface Share {
  part: bigint;
  whole: bigint;
}
export const WHOLE: Share = { part: 1n, whole: 1n };

/** Units of one tier with their price: a line of an invoice each. */
export interface TierUse {
  tier: number;
  units: bigint;
  unitDecimal: string;
  amount: Exact;
}

/**
 * Divides a quantity among included units and tiers. In a part of a period the included volume and the bounds of the
 * tiers are that share of themselves, rounded up: always for the customer's good.
 *
 * @throws RangeError for a negative quantity.
 */
export function graduate(quantity: bigint, { included, tiers }: MeterPrice, { part, whole }: Share = WHOLE) {
  if (quantity < 0n) throw new RangeError("a quantity is not negative");
  const shareOf = (units: bigint) => divideUp(units * part, whole);
  const free = least(quantity, shareOf(included));
  const billed = quantity - free;
  let from = 0n;
  const uses: TierUse[] = [];
  for (const [tier, { up_to, unit_decimal }] of tiers.entries()) {
    const to = up_to === null ? billed : least(billed, shareOf(BigInt(up_to)));
    const units = to - from;
    if (units <= 0n) continue;
    uses.push({ tier, units, unitDecimal: unit_decimal, amount: times(price(unit_decimal), units) });
    from = to;
  }
  return { free, billed, uses, amount: uses.reduce((sum, { amount }) => add(sum, amount), ZERO) };
}
