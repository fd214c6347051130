import { type SQL, sql } from "drizzle-orm";
import type { TenantTx } from "@/db/tenant";
import { type Exact, price } from "./money";
import type { Period } from "./periods";
import type { Meter } from "./price-sheet";

/** Billable units of a time, from the sums by hour, and from the events where a boundary cuts an hour. */

const HOUR_MS = 3_600_000;
interface Sum extends Record<string, unknown> {
  meter: Meter;
  late_month: string;
  quantity: string;
  fixed_quantity: string;
  fixed_decimal: string;
}

const sumHours = (tx: TenantTx, from: Date, to: Date, which: SQL) => sql`
  select meter, late_month, quantity, fixed_quantity, fixed_decimal from usage_hours h
  where tenant_id = ${tx.tenantId} and reason = '' and hour >= ${from.toISOString()} and hour < ${to.toISOString()}
    and ${which}`;
const sumEvents = (tx: TenantTx, from: Date, to: Date, which: SQL) => sql`
  select meter, late_month, quantity, case when fixed_decimal is null then 0 else quantity end as fixed_quantity,
    coalesce(fixed_decimal, 0) as fixed_decimal from (select *, ${LATE_MONTH} as late_month from usage_events u) h
  where tenant_id = ${tx.tenantId} and is_billable and counted_at >= ${from.toISOString()}
    and counted_at < ${to.toISOString()} and ${which}`;
/** Of an event `u`: the month that it belongs to where it is counted to a later one. */
export const LATE_MONTH = sql`case when date_trunc('month', u.occurred_at, 'UTC')
  < date_trunc('month', u.counted_at, 'UTC') then to_char(u.occurred_at at time zone 'UTC', 'YYYY-MM') else '' end`;

async function sums(tx: TenantTx, { startsAt, endsAt }: Period, which = sql`true`): Promise<Sum[]> {
  const first = new Date(Math.ceil(startsAt.getTime() / HOUR_MS) * HOUR_MS);
  const last = new Date(Math.floor(endsAt.getTime() / HOUR_MS) * HOUR_MS);
  const parts: SQL[] = [];
  if (first < last) parts.push(sumHours(tx, first, last, which));
  if (first >= last) parts.push(sumEvents(tx, startsAt, endsAt, which));
  else {
    if (startsAt < first) parts.push(sumEvents(tx, startsAt, first, which));
    if (last < endsAt) parts.push(sumEvents(tx, last, endsAt, which));
  }
  return tx.query<Sum>(sql`
    select meter, late_month, sum(quantity)::text as quantity, sum(fixed_quantity)::text as fixed_quantity,
      sum(fixed_decimal)::text as fixed_decimal
    from (${sql.join(parts, sql` union all `)}) s group by 1, 2 order by 1, 2`);
}

export interface UnitSum {
  meter: Meter;
  quantity: bigint;
  fixed: { quantity: bigint; amount: Exact };
}
const unitsOf = (sum: Sum): UnitSum => ({
  meter: sum.meter,
  quantity: BigInt(sum.quantity) - BigInt(sum.fixed_quantity),
  fixed: { quantity: BigInt(sum.fixed_quantity), amount: price(sum.fixed_decimal) },
});

/** Units that occurred in a period, and those of earlier months that were counted to it. */
export async function unitsIn(
  tx: TenantTx,
  period: Period,
): Promise<{ own: UnitSum[]; late: (UnitSum & { month: string })[] }> {
  const found = (await sums(tx, period)).map((sum) => ({ ...unitsOf(sum), month: sum.late_month }));
  return {
    own: found.filter(({ month }) => month === "").map(({ month: _, ...units }) => units),
    late: found.filter(({ month }) => month !== ""),
  };
}

/** Units of a month and meter that came late, but before an instant. */
export async function lateUnitsBefore(
  tx: TenantTx,
  month: string,
  meter: Meter,
  before: Date,
): Promise<bigint> {
  const found = await sums(
    tx,
    { startsAt: new Date(`${month}-01T00:00:00Z`), endsAt: before },
    sql`late_month = ${month} and meter = ${meter}`,
  );
  return found.reduce(
    (sum, { quantity, fixed_quantity }) => sum + BigInt(quantity) - BigInt(fixed_quantity),
    0n,
  );
}
