import { z } from "zod";
import { priceField, tiersSchema } from "./prices";

/** What a plan costs, as it is stored, pinned by subscriptions and printed beside usage. */

export const METERS = ["inference.row", "batch.row", "training.job", "insight.report"] as const;
export type Meter = (typeof METERS)[number];

export const addressSchema = z.object({
  lines: z.array(z.string().trim().min(1).max(120)).min(1).max(4),
  postcode: z.string().trim().max(20),
  city: z.string().trim().min(1).max(80),
});
export type Address = z.infer<typeof addressSchema>;

/** ISO 3166-1 alpha-2, of countries that there are. */
export const countryField = z.string().refine(isCountry, "must be the two letters of a country, such as DE");
function isCountry(code: string): boolean {
  const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
  return /^[A-Z]{2}$/.test(code) && code !== "ZZ" && names.of(code) !== undefined;
}

const meterPriceSchema = z.object({
  /** Units of a whole month that cost nothing more. */
  included: z.string().regex(/^\d{1,18}$/),
  tiers: tiersSchema,
});
export const priceSheetSchema = z.object({
  /** A month, in arrears. */
  base: priceField,
  meters: z.partialRecord(z.enum(METERS), meterPriceSchema),
  /** The least that usage comes to in a term; what is missing is due at its end. */
  commitment: z.object({ amount: priceField, months: z.number().int().min(1).max(60) }).optional(),
  /** How much may be asked of models in a minute. */
  limits: z
    .object({
      requests_per_minute: z.number().int().min(1).max(1_000_000),
      tokens_per_minute: z.number().int().min(1).max(1_000_000_000),
    })
    .partial()
    .optional(),
});
export type PriceSheet = z.infer<typeof priceSheetSchema>;

/** What a plan without limits of its own allows. */
export const DEFAULT_LIMITS = { requests_per_minute: 600, tokens_per_minute: 2_000_000 } as const;

/** What one customer pays otherwise than the sheet says: the base fee, whole meters, the commitment. */
export const overridesSchema = priceSheetSchema.partial();
export type Overrides = z.infer<typeof overridesSchema>;
