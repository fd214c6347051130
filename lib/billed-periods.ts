import { and, asc, isNull, lte, type SQL, sql } from "drizzle-orm";
import { billingPeriods } from "@/db/schema/billing";
import { priceSheets } from "@/db/schema/seller";
import { forPlatform, type TenantTx } from "@/db/tenant";
import type { Line, LineText } from "./documents";
import { billedMinor } from "./invoices";
import { add } from "./money";
import { type BilledPeriod, type Late, pricesOf, trueUp, type Used } from "./period-lines";
import { addMonths, monthOf, type Period, periodsOf, shareOfMonth } from "./periods";
import type { Overrides, PriceSheet } from "./price-sheet";
import { WHOLE } from "./prices";
import { listSubscriptions } from "./subscriptions";
import { lateUnitsBefore, unitsIn } from "./usage-sums";

/** From a tenant's subscriptions and usage to the periods that an invoice is made of. */

export type Sheets = ReadonlyMap<string, PriceSheet>;
export const sheetsById = async (): Promise<Sheets> =>
  new Map((await forPlatform((tx) => tx.select().from(priceSheets))).map(({ id, sheet }) => [id, sheet]));

/** A subscription with what it costs: its sheet, and what was agreed otherwise. */
export interface Contract {
  id: string;
  planId: string;
  priceSheetId: string;
  overrides: Overrides;
  sheet: PriceSheet;
  startsAt: Date;
  endsAt: Date | null;
}
export async function contractsOf(tx: TenantTx, sheets: Sheets): Promise<Contract[]> {
  return (await listSubscriptions(tx)).map((subscription) => {
    const { id, planId, priceSheetId, overrides, startsAt, endsAt } = subscription;
    const sheet = sheets.get(priceSheetId);
    if (!sheet) throw new Error(`price sheet ${priceSheetId} is gone`);
    const meters = { ...sheet.meters, ...overrides.meters };
    const agreed = { ...sheet, ...overrides, meters };
    return { id, planId, priceSheetId, overrides, sheet: agreed, startsAt, endsAt };
  });
}

/** The plan of an instant and its period there; null without one. */
export async function currentPeriod(tx: TenantTx, sheets: Sheets, now: Date) {
  const contract = (await contractsOf(tx, sheets)).find(
    ({ startsAt, endsAt }) => startsAt <= now && (endsAt === null || endsAt > now),
  );
  const period = contract && periodsOf(contract, new Date(now.getTime() + 1)).at(-1);
  return period ? { contract, period } : null;
}

type OpenPeriod = typeof billingPeriods.$inferSelect;
/** Makes the periods that have come to their end, and gives those that no run has dealt with, oldest first. */
export async function openPeriods(
  tx: TenantTx,
  contracts: readonly Contract[],
  until: Date,
): Promise<OpenPeriod[]> {
  const ended = contracts.flatMap((contract) =>
    periodsOf(contract, until)
      .filter(({ endsAt }) => endsAt <= until)
      .map((period) => ({ subscriptionId: contract.id, ...period })),
  );
  if (ended.length > 0) await tx.insertNew(billingPeriods, ended);
  return tx.select(billingPeriods, isOpen(until), { orderBy: asc(billingPeriods.startsAt) });
}
const isOpen = (until: Date) =>
  and(isNull(billingPeriods.closedAt), lte(billingPeriods.endsAt, until)) as SQL;

/** No run deals with them again. */
export const closePeriods = (
  tx: TenantTx,
  until: Date,
  set: { closedAt: Date; invoiceId?: string },
): Promise<OpenPeriod[]> => tx.update(billingPeriods, set, isOpen(until));

export async function billedPeriod(
  tx: TenantTx,
  period: OpenPeriod,
  contracts: readonly Contract[],
): Promise<BilledPeriod> {
  const contract = contracts.find(({ id }) => id === period.subscriptionId);
  if (!contract) throw new Error(`subscription ${period.subscriptionId} is gone`);
  const units = await unitsIn(tx, period);
  const used: Used[] = [...units.own];
  const late: Late[] = [];
  for (const { month, meter, quantity, fixed } of units.late) {
    if (quantity > 0n) {
      const [prices, before] = await pricesThen(tx, month, meter, { contract, contracts });
      const earlier = await lateUnitsBefore(tx, month, meter, period.startsAt);
      late.push({ month, meter, quantity, before: before + earlier, ...prices });
    }
    // A fixed price is what it is, whenever its event arrives.
    const same = used.find((one) => one.meter === meter);
    if (same)
      same.fixed = {
        quantity: same.fixed.quantity + fixed.quantity,
        amount: add(same.fixed.amount, fixed.amount),
      };
    else used.push({ meter, quantity: 0n, fixed });
  }
  return { ...period, sheet: contract.sheet, used, late };
}

/** The prices of a month's last period, and what was used in it; without a plan then, the present one's. */
async function pricesThen(
  tx: TenantTx,
  month: string,
  meter: Used["meter"],
  { contract, contracts }: { contract: Contract; contracts: readonly Contract[] },
) {
  const { startsAt, endsAt } = monthOf(month);
  const then = contracts
    .flatMap((one) => periodsOf(one, endsAt).map((period) => ({ one, period })))
    .filter(({ period }) => period.endsAt > startsAt)
    .at(-1);
  if (!then) return [{ prices: pricesOf(contract.sheet, meter), share: WHOLE }, 0n] as const;
  const inTime = (await unitsIn(tx, then.period)).own.find((one) => one.meter === meter)?.quantity ?? 0n;
  return [{ prices: pricesOf(then.one.sheet, meter), share: shareOfMonth(then.period) }, inTime] as const;
}

/** Lines that count towards a commitment; the fee does not. */
const COMMITTED: LineText["is"][] = ["usage", "late", "training"];

/** Where a term of a commitment ends with this period. */
export async function commitmentLines(
  tx: TenantTx,
  { sheet, subscriptionId, startsAt, endsAt }: BilledPeriod,
  contracts: readonly Contract[],
  {
    lines,
    currency,
    tax,
  }: { lines: readonly Line[]; currency: string; tax: Pick<Line, "taxCode" | "rateBp"> },
): Promise<Line[]> {
  const contract = contracts.find(({ id }) => id === subscriptionId);
  if (!sheet.commitment || !contract) return [];
  const term = termEnding(contract, sheet.commitment.months, { startsAt, endsAt });
  if (!term) return [];
  const billed = await billedMinor(
    tx,
    sql`l.key like ${`${subscriptionId}/%`} and l.text ->> 'is' in ${COMMITTED}
      and l.text -> 'values' ->> 'from' >= ${term.startsAt.toISOString()}`,
  );
  const now = lines.filter(
    ({ key, text }) => key.startsWith(`${subscriptionId}/`) && COMMITTED.includes(text.is),
  );
  const usedMinor = now.reduce((sum, { amountMinor }) => sum + amountMinor, billed);
  const { amount } = sheet.commitment;
  const line = trueUp(subscriptionId, term, { commitment: amount, usedMinor }, currency, tax);
  return line ? [line] : [];
}

/** The term that ends in a period: after so many months from its start, or with the subscription. */
function termEnding({ startsAt, endsAt }: Contract, months: number, period: Period): Period | null {
  for (let term = 0; ; term++) {
    // Each from the start of all: terms that are added up one by one would drift off the 31st.
    const [from, full] = [addMonths(startsAt, term * months), addMonths(startsAt, (term + 1) * months)];
    if (from >= period.endsAt) return null;
    const to = endsAt && endsAt < full ? endsAt : full;
    if (to > period.startsAt && to <= period.endsAt) return { startsAt: from, endsAt: to };
  }
}
