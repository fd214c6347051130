/**
 * The list prices of this installation, before tax: what an offer starts from. Nothing is charged by this
 * file: usage is metered per row, and a price counts once both sides have agreed to it. An operator with
 * prices of their own changes them here.
 *
 * Prices are decimal strings, so that no figure passes through binary fractions.
 */
export const CURRENCY = "EUR";

export interface Plan {
  id: "metered" | "volume" | "scale";
  /** A month. */
  base: string;
  includedRows: number;
  /** Each thousand answered rows beyond the included ones. */
  thousandRows: string;
}

export const PLANS: readonly Plan[] = [
  { id: "metered", base: "0", includedRows: 0, thousandRows: "0.80" },
  { id: "volume", base: "190", includedRows: 500_000, thousandRows: "0.40" },
  { id: "scale", base: "990", includedRows: 5_000_000, thousandRows: "0.20" },
];

/** A training that succeeds; any other ending is free. */
export const TRAINING = "9";

/** What usage records as free, each with its reason. */
export const FREE = ["idle", "failed", "console", "errors", "probe"] as const;
