import { publicPrices } from "./public-prices";
import { findSeller, type LegalEntity, sellerSchema } from "./seller";

/** What an installation needs before anything can be sold on it, part by part. */

/** Parts of who sells, each with the fields that it is made of. */
const PARTS = {
  letterhead: ["name", "address", "country"],
  taxId: ["taxId"],
  iban: ["iban"],
  email: ["email"],
  timeZone: ["timeZone"],
  taxRates: ["taxRates"],
  termsVersion: ["termsVersion"],
} as const satisfies Record<string, readonly (keyof LegalEntity)[]>;
export type SellerPart = keyof typeof PARTS;
export const SELLER_PARTS = Object.keys(PARTS) as SellerPart[];

/** What is not there, or was stored before it was looked at as closely as today. */
export function missingOf(seller: LegalEntity | null): SellerPart[] {
  if (!seller) return SELLER_PARTS;
  const wrong = new Set(sellerSchema.safeParse(seller).error?.issues.map(({ path }) => path[0]));
  return SELLER_PARTS.filter((part) => PARTS[part].some((field) => wrong.has(field)));
}

/** Of the first steps those that are left; an empty list: everything can be sold. */
export async function stepsLeft(now = new Date()): Promise<("seller" | "plans")[]> {
  const [seller, plans] = await Promise.all([findSeller(), publicPrices(now)]);
  return [
    ...(missingOf(seller).length > 0 ? (["seller"] as const) : []),
    ...(plans.length === 0 ? (["plans"] as const) : []),
  ];
}
