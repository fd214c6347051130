import { forTenant, type TenantTx } from "@/db/tenant";
import { currentPeriod, type Sheets, sheetsById } from "./billed-periods";
import { findProfile } from "./billing-profiles";
import { fail } from "./errors";
import { price, toMinor } from "./money";
import { pricesOf } from "./period-lines";
import { shareOfMonth } from "./periods";
import { graduate } from "./prices";
import { unitsIn } from "./usage-sums";

/** What one more training costs, said before it begins and fixed when it is ordered; due only when it succeeds. */
export interface TrainingPrice {
  /** Major units. */
  decimal: string;
  currency: string;
}

/** Null without a plan: then it costs nothing. */
export const trainingPrice = async (tenantId: string, now = new Date()): Promise<TrainingPrice | null> => {
  const sheets = await sheetsById();
  return forTenant(tenantId, (tx) => priceNow(tx, sheets, now));
};

export async function priceNow(tx: TenantTx, sheets: Sheets, now: Date): Promise<TrainingPrice | null> {
  const [profile, current] = [await findProfile(tx), await currentPeriod(tx, sheets, now)];
  if (!profile || !current) return null;
  const { own } = await unitsIn(tx, current.period);
  const used = own.find(({ meter }) => meter === "training.job");
  const before = (used?.quantity ?? 0n) + (used?.fixed.quantity ?? 0n);
  const prices = pricesOf(current.contract.sheet, "training.job");
  const share = shareOfMonth(current.period);
  const { free, uses } = graduate(before + 1n, prices, share);
  const decimal = free > before ? "0" : (uses.at(-1)?.unitDecimal ?? "0");
  return { decimal, currency: profile.currency };
}

/** Refuses what costs more than the order allows. */
export function assertAffordable(of: TrainingPrice | null, maxMinor: number | undefined): void {
  if (!of || maxMinor === undefined) return;
  if (toMinor(price(of.decimal), of.currency) > BigInt(maxMinor))
    fail(
      "price_above_limit",
      `This training costs ${of.currency} ${of.decimal}, more than \`max_price_minor\` allows. Nothing was started.`,
      "graft.max_price_minor",
    );
}
