import { asc, desc, eq } from "drizzle-orm";
import { plans, priceSheets } from "@/db/schema/seller";
import { forPlatform } from "@/db/tenant";
import { price } from "./money";
import { sheetsInForce } from "./plans";
import { METERS, type Meter, type PriceSheet } from "./price-sheet";

/** The prices that everybody may see: public plans, each with what it costs today. */
export interface PublicPlan {
  id: string;
  name: string;
  sheet: PriceSheet;
}
export interface PublicPrices {
  currency: string;
  /** By what they cost a month, the least first. */
  plans: PublicPlan[];
}

/** By currency; empty where no public plan has prices that hold today. */
export async function publicPrices(now = new Date()): Promise<PublicPrices[]> {
  const [open, sheets] = await forPlatform(async (tx) => [
    await tx.select().from(plans).where(eq(plans.isPublic, true)).orderBy(plans.name),
    await tx.select().from(priceSheets).orderBy(desc(priceSheets.effectiveFrom), asc(priceSheets.currency)),
  ]);
  const byCurrency = new Map<string, PublicPlan[]>();
  for (const { id, name } of open)
    for (const { currency, sheet } of sheetsInForce(
      sheets.filter(({ planId }) => planId === id),
      now,
    ))
      byCurrency.set(currency, [...(byCurrency.get(currency) ?? []), { id, name, sheet }]);
  return [...byCurrency]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, found]) => ({
      currency,
      plans: found.sort((a, b) => byBase(a.sheet, b.sheet)),
    }));
}

function byBase(a: PriceSheet, b: PriceSheet): number {
  const [one, other] = [price(a.base), price(b.base)];
  const difference = one.numerator * other.denominator - other.numerator * one.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** One price of a sheet as a visitor reads it: bounds count from a month's first unit, included ones too. */
export interface PriceLine {
  meter: Meter;
  /** The units that come before, and the last one; null: without end. */
  from: bigint;
  to: bigint | null;
  /** Of this many units. */
  per: 1 | 1000;
  /** Null: included in the base fee. */
  decimal: string | null;
}

/** A row costs too little to be read as the price of one. */
const PER = { "inference.row": 1000, "batch.row": 1000, "training.job": 1, "insight.report": 1 } as const;

export const priceLinesOf = (sheet: PriceSheet): PriceLine[] =>
  METERS.flatMap((meter) => {
    const prices = sheet.meters[meter];
    if (!prices) return [];
    const per = PER[meter];
    const included = BigInt(prices.included);
    const free = included > 0n ? [{ meter, from: 0n, to: included, per, decimal: null }] : [];
    let from = included;
    const priced = prices.tiers.map(({ up_to, unit_decimal }) => {
      const to = up_to === null ? null : included + BigInt(up_to);
      const line = {
        meter,
        from,
        to,
        per,
        decimal: per === 1000 ? timesThousand(unit_decimal) : unit_decimal,
      };
      from = to ?? from;
      return line;
    });
    return [...free, ...priced];
  });

/** `0.0008` as `0.8`, exactly: the point moves by three places. */
export function timesThousand(decimal: string): string {
  const [whole = "", places = ""] = decimal.split(".");
  const moved = `${whole}${places.slice(0, 3).padEnd(3, "0")}`.replace(/^0+(?=\d)/, "");
  const rest = places.slice(3).replace(/0+$/, "");
  return rest === "" ? moved : `${moved}.${rest}`;
}
