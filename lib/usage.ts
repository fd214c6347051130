import { sql } from "drizzle-orm";
import { usageEvents } from "@/db/schema/work";
import { forTenant } from "@/db/tenant";
import { log } from "./log";
import type { Actor } from "./session";

/** What was done for whom, append only. An event's id is its request's, so recording again changes nothing. */
type Meter = (typeof usageEvents.$inferSelect)["meter"];

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
}

/** Tests in the console and the platform's own probes are free; a customer's keys pay. */
export function billingOf(actor: Actor): { isBillable: boolean; reason: string | null } {
  if (actor.isInternal) return { isBillable: false, reason: "probe" };
  if (actor.via === "session") return { isBillable: false, reason: "console" };
  return { isBillable: true, reason: null };
}

const isForeignKeyViolation = (error: unknown): boolean => {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  return code === "23503" || (cause !== undefined && isForeignKeyViolation(cause));
};

/** One insert a tenant; events that are there already are left as they are. */
export async function recordUsage(events: readonly UsageEvent[]): Promise<void> {
  for (const tenantId of new Set(events.map((event) => event.tenantId))) {
    const own = events.filter((event) => event.tenantId === tenantId);
    const rows = own.map(({ tenantId: _, quantity, occurredAt, ...event }) => ({
      ...event,
      quantity: BigInt(quantity),
      occurredAt: new Date(occurredAt),
    }));
    try {
      await forTenant(tenantId, (tx) => tx.insertNew(usageEvents, rows));
    } catch (error) {
      // The tenant was deleted with all its data; its last events must not block everybody else's.
      if (!isForeignKeyViolation(error)) throw error;
      log().warn({ tenantId, events: rows.length }, "usage of a deleted tenant dropped");
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
      select to_char(u.occurred_at at time zone 'UTC', 'YYYY-MM-DD') as day, u.model, u.key_id as "keyId",
        k.name as "keyName", u.meter, u.route, u.reason, count(*) as requests, sum(u.quantity) as rows,
        coalesce(sum(u.quantity) filter (where u.is_billable), 0) as billable,
        coalesce(sum(u.quantity) filter (where not u.is_billable), 0) as free, sum(u.tokens) as tokens
      from usage_events u left join api_keys k on k.tenant_id = u.tenant_id and k.id = u.key_id
      where u.tenant_id = ${tenantId}
        and u.occurred_at >= date_trunc('day', now() at time zone 'UTC') at time zone 'UTC'
          - make_interval(days => ${days - 1})
      group by 1, u.model, u.key_id, k.name, u.meter, u.route, u.reason
      order by 1 desc, u.model, k.name, u.route`),
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
