import { sql } from "drizzle-orm";
import type { TenantTx } from "@/db/tenant";
import { type Appraisal, appraisalOf } from "./appraisals";
import type { Line } from "./documents";
import type { Order } from "./job-body";
import type { Job } from "./job-moves";
import { price, times, toMinor } from "./money";
import type { Period } from "./periods";
import { DEFAULT_BUDGET_MINUTES, LATE_CREDIT_PERCENT, trainingForecast } from "./training-forecast";

/**
 * A training is promised within the time that nine of ten take by its forecast. Where it is later, and not because it waited
 * for the customer, a part of its price is credited by itself: a line of the invoice that bills it.
 */

/** Minutes from `queued` to an answering model; null where nobody looked at the rows before. */
export const promiseOf = (
  appraisal: Pick<Appraisal, "report"> | null | undefined,
  budgetMinutes = DEFAULT_BUDGET_MINUTES,
  epochs?: number | undefined,
): number | null => {
  const report = appraisal?.report;
  return (report && trainingForecast(report, report.rows, budgetMinutes, epochs)?.p90Minutes) ?? null;
};

export const promiseFor = async (
  tx: TenantTx,
  versionId: string,
  { budgetMinutes, hyperparameters }: Pick<Order, "budgetMinutes" | "hyperparameters">,
): Promise<number | null> =>
  promiseOf(await appraisalOf(tx, versionId), budgetMinutes, hyperparameters.epochs);

/** By how many minutes it is late, begun ones counted; null where it is in time, or nothing was promised. */
export function minutesLate(
  { promisedMinutes, queuedAt, heldMs }: Pick<Job, "promisedMinutes" | "queuedAt" | "heldMs">,
  at: Date,
): number | null {
  if (promisedMinutes === null || queuedAt === null) return null;
  const lateMs = at.getTime() - queuedAt.getTime() - heldMs - promisedMinutes * 60_000;
  return lateMs > 0 ? Math.ceil(lateMs / 60_000) : null;
}

type Clock = Pick<Job, "heldAt" | "heldMs">;

/** The customer keeps it waiting from now on. */
export const held = ({ heldAt }: Clock, now: Date): Partial<Clock> => ({ heldAt: heldAt ?? now });

/** It goes on. */
export const unheld = ({ heldAt, heldMs }: Clock, now: Date): Clock => ({
  heldAt: null,
  heldMs: heldMs + (heldAt ? now.getTime() - heldAt.getTime() : 0),
});

/** Trainings that get no place because the customer has not paid. */
export const holdWaiting = (tx: TenantTx) =>
  tx.query(sql`update jobs set held_at = now() where tenant_id = ${tx.tenantId} and state = 'queued'
    and enqueued_at is null and held_at is null`);

export const releaseWaiting = (tx: TenantTx) =>
  tx.query(sql`update jobs set held_at = null,
      held_ms = held_ms + (extract(epoch from now() - held_at) * 1000)::bigint
    where tenant_id = ${tx.tenantId} and state = 'queued' and held_at is not null`);

interface LateTraining extends Record<string, unknown> {
  id: string;
  decimal: string;
  minutes: number;
}

/** What is credited with a period: of each late training that is billed in it, once. */
export async function lateTrainingLines(
  tx: TenantTx,
  { startsAt, endsAt }: Period,
  currency: string,
  tax: Pick<Line, "taxCode" | "rateBp">,
): Promise<Line[]> {
  const late = await tx.query<LateTraining>(sql`
    select j.id, j.price_decimal as decimal, j.late_minutes as minutes
    from jobs j join usage_events u on u.tenant_id = j.tenant_id and u.id = j.id
    where j.tenant_id = ${tx.tenantId} and j.late_minutes is not null and j.price_currency = ${currency}
      and u.is_billable and u.counted_at >= ${startsAt.toISOString()} and u.counted_at < ${endsAt.toISOString()}
    order by j.id`);
  return late.flatMap(({ id, decimal, minutes }) => {
    const creditMinor = toMinor(times(price(decimal), BigInt(LATE_CREDIT_PERCENT), 100n), currency);
    if (creditMinor === 0n) return [];
    const values = { job: id, minutes: String(minutes), percent: String(LATE_CREDIT_PERCENT) };
    return {
      key: `late-training/${id}`,
      text: { is: "late_training", values },
      quantity: 1n,
      unitDecimal: "",
      amountMinor: -creditMinor,
      ...tax,
    };
  });
}
