import { METERS, type Meter, type PriceSheet } from "@/lib/price-sheet";

/** What stands in the fields of prices that are being written: texts, until they are sent. */
export interface SheetDraft {
  base: string;
  /** A meter without tiers is not priced here. */
  meters: Record<Meter, MeterDraft>;
  /** Both empty: no commitment. */
  commitment: { amount: string; months: string };
  /** In a minute; an empty one is as everybody's. */
  limits: Record<Limit, string>;
}
export const LIMITS = ["requests_per_minute", "tokens_per_minute"] as const;
export type Limit = (typeof LIMITS)[number];
export interface MeterDraft {
  included: string;
  tiers: TierDraft[];
}
interface TierDraft {
  key: string;
  /** Of the last tier nothing: it is open. */
  upTo: string;
  unit: string;
}

export const newTier = (): TierDraft => ({ key: Math.random().toString(36).slice(2), upTo: "", unit: "" });

export function draftOf(sheet: Partial<PriceSheet>): SheetDraft {
  const meterOf = (meter: Meter): MeterDraft => {
    const prices = sheet.meters?.[meter];
    return {
      included: prices?.included ?? "0",
      tiers: (prices?.tiers ?? []).map(({ up_to, unit_decimal: unit }) => ({
        ...newTier(),
        upTo: up_to ?? "",
        unit,
      })),
    };
  };
  return {
    base: sheet.base ?? "",
    meters: Object.fromEntries(METERS.map((meter) => [meter, meterOf(meter)])) as SheetDraft["meters"],
    commitment: {
      amount: sheet.commitment?.amount ?? "",
      months: sheet.commitment ? String(sheet.commitment.months) : "",
    },
    limits: Object.fromEntries(
      LIMITS.map((limit) => [limit, String(sheet.limits?.[limit] ?? "")]),
    ) as SheetDraft["limits"],
  };
}

/** People write `0,5` too, and group digits with spaces. */
const decimal = (text: string) => text.replaceAll(/\s/g, "").replace(",", ".");

/** As the routes take it. What was left empty is left out, so that a part of a sheet is written likewise. */
export function sheetOf({ base, meters, commitment, limits }: SheetDraft): Partial<PriceSheet> {
  const priced = METERS.filter((meter) => meters[meter].tiers.length > 0);
  const metersOf = Object.fromEntries(
    priced.map((meter) => [
      meter,
      {
        included: decimal(meters[meter].included) || "0",
        tiers: meters[meter].tiers.map(({ upTo, unit }, at, all) => ({
          up_to: at === all.length - 1 ? null : decimal(upTo),
          unit_decimal: decimal(unit),
        })),
      },
    ]),
  );
  const hasCommitment = commitment.amount.trim() !== "" || commitment.months.trim() !== "";
  const limited = LIMITS.filter((limit) => limits[limit].trim() !== "");
  // A comma may group digits or part off decimals; the route says what it does not read.
  const limitsOf = Object.fromEntries(
    limited.map((limit) => [limit, Number(limits[limit].replaceAll(/\s/g, ""))]),
  );
  return {
    ...(base.trim() === "" ? {} : { base: decimal(base) }),
    ...(priced.length === 0 ? {} : { meters: metersOf }),
    ...(hasCommitment
      ? { commitment: { amount: decimal(commitment.amount), months: Number(commitment.months) } }
      : {}),
    ...(limited.length === 0 ? {} : { limits: limitsOf }),
  };
}

/** Each field's place in the body, as a refusal names it below `sheet` or `overrides`. */
export const pathsOf = ({ meters }: SheetDraft): string[] => [
  ...["base", "commitment.amount", "commitment.months"],
  ...LIMITS.map((limit) => `limits.${limit}`),
  ...METERS.flatMap((meter) => [
    `meters.${meter}.included`,
    `meters.${meter}.tiers`,
    ...meters[meter].tiers.flatMap((_, at) =>
      ["up_to", "unit_decimal"].map((field) => `meters.${meter}.tiers.${at}.${field}`),
    ),
  ]),
];
