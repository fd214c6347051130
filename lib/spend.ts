import { eq } from "drizzle-orm";
import { plans, priceSheets } from "@/db/schema/seller";
import { forPlatform, forTenant } from "@/db/tenant";
import { currentPeriod, sheetsById } from "./billed-periods";
import { findProfile } from "./billing-profiles";
import { type Line, sumUp } from "./documents";
import { lateTrainingLines } from "./late-trainings";
import { costBefore } from "./month-cost";
import { linesOf } from "./period-lines";
import type { Period } from "./periods";
import type { PriceSheet } from "./price-sheet";
import { unitsIn } from "./usage-sums";

/** What the running period has come to, by the same lines that its invoice will have, and what it will come to. */
export interface Spend extends Period {
  plan: string;
  sheet: PriceSheet;
  currency: string;
  lines: Line[];
  /** Before tax. */
  netMinor: bigint;
  /** Of the calendar month, with what it came to before a change of plan cut it. */
  monthMinor: bigint;
  /** If the rest of the period is used like what is behind; null on its first day. */
  forecastMinor: bigint | null;
}

const DAY_MS = 86_400_000;
const NO_TAX = { taxCode: "none", rateBp: 0 };

/** Null without a plan. */
export async function currentSpend(tenantId: string, now = new Date()): Promise<Spend | null> {
  const sheets = await sheetsById();
  const found = await forTenant(tenantId, async (tx) => {
    const profile = await findProfile(tx);
    const current = await currentPeriod(tx, sheets, now);
    if (!profile || !current) return null;
    const { currency } = profile;
    const credits = await lateTrainingLines(tx, current.period, currency, NO_TAX);
    const before = await costBefore(tx, sheets, current.period, currency);
    return { ...current, currency, credits, before, used: (await unitsIn(tx, current.period)).own };
  });
  if (!found) return null;
  const { contract, period, currency, credits, before, used } = found;
  const { id: subscriptionId, sheet } = contract;
  const of = (units: typeof used) => [
    ...linesOf({ ...period, subscriptionId, sheet, used: units, late: [] }, currency, NO_TAX),
    ...credits,
  ];
  const lines = of(used);
  const [part, whole] = [
    now.getTime() - period.startsAt.getTime(),
    period.endsAt.getTime() - period.startsAt.getTime(),
  ];
  const expected = used.map((one) => ({
    ...one,
    quantity: (one.quantity * BigInt(whole)) / BigInt(Math.max(1, part)),
  }));
  const { netMinor } = sumUp(lines);
  return {
    ...period,
    plan: await planName(contract.priceSheetId),
    sheet,
    currency,
    lines,
    ...{ netMinor, monthMinor: before + netMinor },
    forecastMinor: part < DAY_MS ? null : sumUp(of(expected)).netMinor,
  };
}

async function planName(priceSheetId: string): Promise<string> {
  const [plan] = await forPlatform((tx) =>
    tx
      .select({ name: plans.name })
      .from(priceSheets)
      .innerJoin(plans, eq(plans.id, priceSheets.planId))
      .where(eq(priceSheets.id, priceSheetId)),
  );
  return plan?.name ?? "";
}
