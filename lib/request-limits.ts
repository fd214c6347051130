import { sql } from "drizzle-orm";
import { forTenant } from "@/db/tenant";
import { AppError, type Quota, type Quotas } from "./errors";
import { DEFAULT_LIMITS } from "./price-sheet";
import { WINDOW_MS } from "./rate-limit";
import type { Actor } from "./session";

/**
 * What an organisation and a key may ask of models in a minute, in requests and in tokens, over all serving processes. A
 * process takes a tenth of a minute's quota at a time from the database and counts within it by itself, so most calls ask
 * nobody. Tokens are known when they are read: a call is admitted while there are some left, and pays afterwards.
 */
const SLICES = 10;
/** Calls of an organisation at the same time, divided by the serving processes that live. */
const MOST_AT_ONCE = 128;
const SEEN_WITHIN = "30 seconds";
const RETRY_AT_ONCE_MS = 200;

type Unit = "requests" | "tokens";
const UNITS: readonly Unit[] = ["requests", "tokens"];
interface Count {
  /** A minute's quota; null for none. */
  limit: number | null;
  /** Of what this process took; below zero when a call cost more than there was. */
  left: number;
  /** What all processes have taken together. */
  taken: number;
  /** Nothing more is to be had in this minute. */
  isSpent: boolean;
}
interface Minute {
  tenantId: string;
  /** A key's id; empty for the whole organisation. */
  subject: string;
  startsAt: number;
  isLeased: boolean;
  counts: Record<Unit, Count>;
  atOnce: number;
  leasing: Promise<void> | null;
}

const minutes = new Map<string, Minute>();
const inFlight = new Map<string, number>();
const MOST_KNOWN = 50_000;

const windowStart = (now: number) => Math.floor(now / WINDOW_MS) * WINDOW_MS;

function minuteOf(tenantId: string, subject: string, now: number): Minute {
  const name = `${tenantId} ${subject}`;
  const startsAt = windowStart(now);
  const known = minutes.get(name);
  if (known?.startsAt === startsAt) return known;
  // What was overdrawn at the end of a minute is paid in the next.
  const debt = Math.min(0, known?.counts.tokens.left ?? 0);
  const none = (left: number): Count => ({ limit: null, left, taken: 0, isSpent: false });
  const minute: Minute = {
    ...{ tenantId, subject, startsAt, isLeased: false, leasing: null },
    atOnce: known?.atOnce ?? MOST_AT_ONCE,
    counts: { requests: none(0), tokens: none(debt) },
  };
  if (minutes.size > MOST_KNOWN)
    for (const [key, old] of minutes) if (old.startsAt < startsAt) minutes.delete(key);
  minutes.set(name, minute);
  return minute;
}
const minutesOf = ({ tenantId, keyId }: Actor, now: number): Minute[] =>
  (keyId === null ? [""] : ["", keyId]).map((subject) => minuteOf(tenantId, subject, now));

/** As PostgreSQL writes it: counts are strings. */
type Leased = Record<`${Unit}_limit`, number | null> & Record<Unit | `${Unit}_given` | "processes", string>;

/** A slice more of what is used up; the limits are read anew with it. */
async function lease(minute: Minute): Promise<void> {
  const { tenantId, subject, counts } = minute;
  const startsAt = new Date(minute.startsAt).toISOString();
  const [given] = await forTenant(tenantId, async (tx) => {
    const slice = (unit: Unit) => {
      const [limit, taken] = [sql`l.${sql.identifier(unit)}`, sql`w.${sql.identifier(unit)}`];
      const wanted = sql`${-counts[unit].left}::bigint + ceil(${limit} / ${SLICES}::numeric)`;
      return counts[unit].left > 0
        ? sql`0`
        : sql`coalesce(greatest(0, least(${wanted}, ${limit} - ${taken})), 0)`;
    };
    // The row is locked from here on, so that two processes do not take the same slice.
    const rows = await tx.query<Leased>(sql`
      with l as (${subject === "" ? ofTenant(tenantId) : ofKey(tenantId, subject)}),
      w as (insert into rate_windows as r (tenant_id, subject, starts_at)
        values (${tenantId}, ${subject}, ${startsAt}::timestamptz)
        on conflict (tenant_id, subject, starts_at) do update set requests = r.requests returning r.requests, r.tokens)
      select l.requests as requests_limit, l.tokens as tokens_limit, w.requests, w.tokens,
        ${slice("requests")} as requests_given, ${slice("tokens")} as tokens_given,
        (select count(*) from serve_processes where seen_at > now() - ${SEEN_WITHIN}::interval) as processes
      from l, w`);
    await tx.query(sql`
      update rate_windows set requests = requests + ${rows[0]?.requests_given ?? 0}::bigint,
        tokens = tokens + ${rows[0]?.tokens_given ?? 0}::bigint
      where tenant_id = ${tenantId} and subject = ${subject} and starts_at = ${startsAt}::timestamptz`);
    return rows;
  });
  minute.isLeased = true;
  if (!given) return;
  for (const unit of UNITS) {
    const [count, more] = [counts[unit], Number(given[`${unit}_given`])];
    count.limit = given[`${unit}_limit`];
    count.left += more;
    count.taken = Number(given[unit]) + more;
    count.isSpent = count.limit !== null && count.left <= 0;
  }
  minute.atOnce = Math.ceil(MOST_AT_ONCE / Math.max(1, Number(given.processes)));
}

/** What was set for this organisation, else what its plan says, else ours. */
const ofTenant = (tenantId: string) => sql`
  select coalesce((t.settings ->> 'requestsPerMinute')::int, (p.limits ->> 'requests_per_minute')::int,
      ${DEFAULT_LIMITS.requests_per_minute}::int) as requests,
    coalesce((t.settings ->> 'tokensPerMinute')::int, (p.limits ->> 'tokens_per_minute')::int,
      ${DEFAULT_LIMITS.tokens_per_minute}::int) as tokens
  from tenants t left join lateral (
    select coalesce(s.overrides -> 'limits', h.sheet -> 'limits') as limits from subscriptions s
    join price_sheets h on h.id = s.price_sheet_id
    where s.tenant_id = t.id and s.starts_at <= now() and (s.ends_at is null or s.ends_at > now()) limit 1) p on true
  where t.id = ${tenantId}`;
const ofKey = (tenantId: string, keyId: string) => sql`
  select requests_per_minute as requests, tokens_per_minute as tokens from api_keys
  where tenant_id = ${tenantId} and id = ${keyId}`;

const isOut = ({ limit, left }: Count) => limit !== null && left <= 0;
const lacks = ({ isLeased, counts }: Minute) =>
  !isLeased || UNITS.some((unit) => isOut(counts[unit]) && !counts[unit].isSpent);

async function renew(minute: Minute): Promise<void> {
  minute.leasing ??= lease(minute).finally(() => {
    minute.leasing = null;
  });
  await minute.leasing;
}

function quotaOf({ limit, left, taken }: Count, resetMs: number): Quota | undefined {
  if (limit === null) return undefined;
  return { limit, remaining: Math.max(0, limit - taken + left), resetMs };
}

function quotasOf(all: readonly Minute[], resetMs: number): Quotas {
  const tightest = (unit: Unit) =>
    all
      .map(({ counts }) => quotaOf(counts[unit], resetMs))
      .filter((quota) => quota !== undefined)
      .sort((a, b) => a.remaining - b.remaining)[0];
  return { requests: tightest("requests"), tokens: tightest("tokens") };
}

export interface Admitted {
  quotas: Quotas;
  release(): void;
}

/** Counts one call; throws 429 with the time to wait. Release when it is answered. */
export async function admitCall(actor: Actor, now = Date.now()): Promise<Admitted> {
  const { tenantId } = actor;
  const all = minutesOf(actor, now);
  for (let lacking = all.find(lacks); lacking; lacking = all.find(lacks)) await renew(lacking);
  const resetMs = Math.max(1, windowStart(now) + WINDOW_MS - now);
  const refuse = (message: string, retryAfterMs: number): never => {
    throw new AppError("rate_limit_exceeded", { message, retryAfterMs, quotas: quotasOf(all, resetMs) });
  };
  for (const { counts, subject } of all)
    for (const unit of UNITS)
      if (isOut(counts[unit]))
        refuse(
          `The limit of ${counts[unit].limit} ${unit} a minute ${subject === "" ? "" : "of this key "}is reached. Wait ${Math.ceil(resetMs / 1000)} s, or ask for a higher one.`,
          resetMs,
        );
  const running = inFlight.get(tenantId) ?? 0;
  if (running >= (all[0]?.atOnce ?? MOST_AT_ONCE))
    refuse(
      `${running} calls are being answered at the same time, which is the most. Send fewer at once, with more rows each.`,
      RETRY_AT_ONCE_MS,
    );
  for (const { counts } of all) counts.requests.left -= 1;
  inFlight.set(tenantId, running + 1);
  return {
    quotas: quotasOf(all, resetMs),
    release() {
      const left = (inFlight.get(tenantId) ?? 1) - 1;
      if (left > 0) inFlight.set(tenantId, left);
      else inFlight.delete(tenantId);
    },
  };
}

/** What a call turned out to have read. */
export function chargeTokens(actor: Actor, tokens: number, now = Date.now()): void {
  for (const { counts } of minutesOf(actor, now)) counts.tokens.left -= tokens;
}
