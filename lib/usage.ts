import { sql } from "drizzle-orm";
import { usageEvents } from "@/db/schema/usage";
import { forTenant, type TenantTx } from "@/db/tenant";
import { isForeignKeyViolation } from "./errors";
import { countedAt } from "./ledger-time";
import { log } from "./log";
import { monthStart, nextMonth } from "./periods";
import type { Meter } from "./price-sheet";
import type { Actor } from "./session";
import { LATE_MONTH } from "./usage-sums";

/** What was done for whom, append only. An event's id is its request's, so recording again changes nothing. */
export interface UsageEvent {
  tenantId: string;
  id: string;
  meter: Meter;
  quantity: number;
  isBillable: boolean;
  /** Why it is free; null when billable. */
  reason: string | null;
  model: string;
  keyId: string | null;
  userId: string | null;
  route: string;
  tokens: number;
  /** ISO 8601, so that an event survives the spool unchanged. */
  occurredAt: string;
  /** A price that was fixed before the work began, in major units. */
  fixedDecimal?: string;
}

/** Tests in the console and the platform's own probes are free; a customer's keys pay. */
export function billingOf(actor: Actor): { isBillable: boolean; reason: string | null } {
  if (actor.isInternal) return { isBillable: false, reason: "probe" };
  if (actor.via === "session") return { isBillable: false, reason: "console" };
  return { isBillable: true, reason: null };
}

/**
 * Events and their sums, in the transaction of what they tell of; events that are there already are left alone.
 * They are recorded now, by the database's clock, unless another time is played.
 */
export async function addUsage(tx: TenantTx, events: readonly UsageEvent[], played?: Date): Promise<void> {
  // Shared: whoever seals a day waits for those who still add to it.
  const [clock] = await tx.query<{ now: string }>(sql`
    select clock_timestamp() as now from (select pg_advisory_xact_lock_shared(${ledgerLock(tx.tenantId)})) locked`);
  const recordedAt = played ?? new Date(String(clock?.now));
  const added = await tx.insertNew(
    usageEvents,
    events.map(({ tenantId: _, quantity, isBillable, reason, occurredAt, ...event }) => ({
      ...event,
      ...countedAt(new Date(occurredAt), recordedAt, { isBillable, reason }),
      quantity: BigInt(quantity),
      recordedAt,
    })),
  );
  if (added.length > 0)
    await addToHours(
      tx,
      added.map(({ id }) => id),
    );
}

/** A lock of the database that a tenant's recorders share and its sealer has alone. */
export const ledgerLock = (tenantId: string) => sql`hashtext('graft.ledger'), hashtext(${tenantId})`;

/** In one order everywhere, so that two who add to the same hours wait for each other instead of deadlocking. */
const addToHours = (tx: TenantTx, ids: readonly string[]) =>
  tx.query(sql`
    insert into usage_hours as h (tenant_id, hour, meter, model, key_id, route, reason, late_month, events, quantity,
      tokens, fixed_quantity, fixed_decimal)
    select u.tenant_id, date_trunc('hour', u.counted_at, 'UTC'), u.meter, u.model, coalesce(u.key_id, ''), u.route,
      coalesce(u.reason, ''), ${LATE_MONTH},
      count(*), sum(u.quantity), sum(u.tokens),
      coalesce(sum(u.quantity) filter (where u.fixed_decimal is not null), 0), coalesce(sum(u.fixed_decimal), 0)
    from usage_events u where u.tenant_id = ${tx.tenantId} and u.id in ${[...ids]}
    group by 1, 2, 3, 4, 5, 6, 7, 8 order by 1, 2, 3, 4, 5, 6, 7, 8
    on conflict (tenant_id, hour, meter, model, key_id, route, reason, late_month) do update set
      events = h.events + excluded.events, quantity = h.quantity + excluded.quantity,
      tokens = h.tokens + excluded.tokens,
      fixed_quantity = h.fixed_quantity + excluded.fixed_quantity, fixed_decimal = h.fixed_decimal + excluded.fixed_decimal`);

/** One transaction a tenant. */
export async function recordUsage(events: readonly UsageEvent[], played?: Date): Promise<void> {
  for (const tenantId of new Set(events.map((event) => event.tenantId))) {
    const own = events.filter((event) => event.tenantId === tenantId);
    try {
      await forTenant(tenantId, (tx) => addUsage(tx, own, played));
    } catch (error) {
      // The tenant was deleted with all its data; its last events must not block everybody else's.
      if (!isForeignKeyViolation(error)) throw error;
      log().warn({ tenantId, events: own.length }, "usage of a deleted tenant dropped");
    }
  }
}

export interface UsageLine {
  /** `2026-01-31`, in UTC. */
  day: string;
  model: string;
  keyId: string | null;
  keyName: string | null;
  meter: Meter;
  route: string;
  requests: number;
  rows: number;
  billable: number;
  free: number;
  reason: string | null;
  tokens: number;
}

/** Newest day first. Counts beyond 2^53 are not met here: a day's rows are far below. */
export async function usageByDay(tenantId: string, days: number): Promise<UsageLine[]> {
  const found = await forTenant(tenantId, (tx) =>
    tx.query<Record<keyof UsageLine, string | null>>(sql`
      select to_char(h.hour at time zone 'UTC', 'YYYY-MM-DD') as day, h.model, nullif(h.key_id, '') as "keyId",
        k.name as "keyName", h.meter, h.route, nullif(h.reason, '') as reason, sum(h.events) as requests,
        sum(h.quantity) as rows, coalesce(sum(h.quantity) filter (where h.reason = ''), 0) as billable,
        coalesce(sum(h.quantity) filter (where h.reason <> ''), 0) as free, sum(h.tokens) as tokens
      from usage_hours h left join api_keys k on k.tenant_id = h.tenant_id and k.id = h.key_id
      where h.tenant_id = ${tenantId}
        and h.hour >= date_trunc('day', now() at time zone 'UTC') at time zone 'UTC'
          - make_interval(days => ${days - 1})
      group by 1, h.model, h.key_id, k.name, h.meter, h.route, h.reason
      order by 1 desc, h.model, k.name, h.route`),
  );
  return found.map((line) => ({
    day: String(line.day),
    model: String(line.model),
    keyId: line.keyId,
    keyName: line.keyName,
    meter: line.meter as Meter,
    route: String(line.route),
    requests: Number(line.requests),
    rows: Number(line.rows),
    billable: Number(line.billable),
    free: Number(line.free),
    reason: line.reason,
    tokens: Number(line.tokens),
  }));
}

/** What was answered or trained for nothing in a UTC month, by the reason; most first. */
export const freeOfMonth = (tenantId: string, now = new Date()) =>
  forTenant(tenantId, (tx) =>
    tx.query<{ reason: string; quantity: string }>(sql`
      select reason, sum(quantity)::text as quantity from usage_hours
      where tenant_id = ${tenantId} and reason <> '' and hour >= ${monthStart(now).toISOString()}
        and hour < ${nextMonth(now).toISOString()}
      group by 1 order by sum(quantity) desc, 1`),
  );

/** The list that `GET /v1/usage` answers. */
export function usageToWire(lines: readonly UsageLine[]) {
  return {
    object: "list" as const,
    data: lines.map(({ keyId, keyName, ...line }) => ({
      object: "usage.day" as const,
      ...line,
      key_id: keyId,
      key_name: keyName,
    })),
    has_more: false,
  };
}
