import type { Locale } from "./locale";
import { shareOf } from "./money";
import type { Address } from "./price-sheet";

/** What stands on invoices, credit notes and quotes, and how a document is summed. */

/** A copy of the legal entity as it was on the day. */
export interface Seller {
  name: string;
  address: Address;
  country: string;
  taxId: string;
  iban: string;
  email: string;
  termsVersion: string;
}
/** A copy of the billing profile as it was on the day. */
export interface Buyer {
  legalName: string;
  address: Address;
  country: string;
  taxId: string | null;
  poNumber: string | null;
  emails: string[];
  locale: Locale;
}
/** What a line says, in words of the reader's language: a key of `documents.lines` and its values. */
export interface LineText {
  is:
    | "base"
    | "usage"
    | "included"
    | "training"
    | "late"
    | "late_training"
    | "credit"
    | "prepaid"
    | "commitment"
    | "milestone"
    | "retainer"
    | "other";
  values: Record<string, string>;
}
export interface Line {
  key: string;
  text: LineText;
  quantity: bigint;
  unitDecimal: string;
  amountMinor: bigint;
  taxCode: string;
  rateBp: number;
}
/** The lines of one rate together; the tax is of their sum. */
export interface TaxSum {
  code: string;
  rateBp: number;
  /** Decimal strings of minor units: JSON has no bigint. */
  netMinor: string;
  taxMinor: string;
}

/** Tax once a rate on the sum of its lines, and the total as the sum of rounded figures. */
export function sumUp(lines: readonly Pick<Line, "amountMinor" | "taxCode" | "rateBp">[]) {
  const nets = new Map<string, { code: string; rateBp: number; net: bigint }>();
  for (const { taxCode: code, rateBp, amountMinor } of lines) {
    const sum = nets.get(`${code} ${rateBp}`) ?? { code, rateBp, net: 0n };
    nets.set(`${code} ${rateBp}`, { ...sum, net: sum.net + amountMinor });
  }
  const sums = [...nets].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
  const withTax = sums.map((sum) => ({ ...sum, tax: shareOf(sum.net, sum.rateBp) }));
  const netMinor = withTax.reduce((total, { net }) => total + net, 0n);
  const taxMinor = withTax.reduce((total, { tax }) => total + tax, 0n);
  const taxes: TaxSum[] = withTax.map(({ code, rateBp, net, tax }) => ({
    code,
    rateBp,
    netMinor: net.toString(),
    taxMinor: tax.toString(),
  }));
  return { netMinor, taxMinor, totalMinor: netMinor + taxMinor, taxes };
}
