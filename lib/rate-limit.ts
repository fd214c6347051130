import { AppError, type Quota, type Quotas } from "./errors";

/** Sliding minute per caller in this process: for pages and management. Calls of models are counted by `request-limits.ts`. */
const windows = new Map<string, { startedAt: number; count: number; before: number }>();
export const WINDOW_MS = 60_000;

/**
 * The caller's address for limits: the last entry, which the nearest proxy wrote; earlier ones are the
 * caller's own claims.
 */
export function addressOf(headers: Headers): string {
  return headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() || "direct";
}

/** Counts one request; throws 429 with the time to wait. Returns what the rate-limit headers say. */
export function takeToken(caller: string, perMinute: number, now = Date.now()): Quota {
  let window = windows.get(caller);
  if (!window || now - window.startedAt >= 2 * WINDOW_MS) window = { startedAt: now, count: 0, before: 0 };
  else if (now - window.startedAt >= WINDOW_MS)
    window = { startedAt: window.startedAt + WINDOW_MS, count: 0, before: window.count };
  windows.set(caller, window);
  if (windows.size > 50_000)
    for (const [key, old] of windows) if (now - old.startedAt > 2 * WINDOW_MS) windows.delete(key);
  const elapsed = (now - window.startedAt) / WINDOW_MS;
  const used = window.before * (1 - elapsed) + window.count;
  const resetMs = Math.ceil(WINDOW_MS * (1 - elapsed));
  if (used + 1 > perMinute)
    throw new AppError("rate_limit_exceeded", {
      retryAfterMs: Math.min(resetMs, 10_000),
      quotas: { requests: { limit: perMinute, remaining: 0, resetMs } },
    });
  window.count++;
  return { limit: perMinute, remaining: Math.max(0, Math.floor(perMinute - used - 1)), resetMs };
}

/**
 * The names that OpenAI's clients know, with durations such as `1200ms`, and those of
 * draft-ietf-httpapi-ratelimit-headers. What has no limit is left out, for no number says "none".
 */
export function setQuotaHeaders(headers: Headers, quotas: Quotas | undefined): void {
  const known = (["requests", "tokens"] as const).flatMap((unit) => {
    const quota = quotas?.[unit];
    return quota ? [{ unit, ...quota }] : [];
  });
  if (known.length === 0) return;
  for (const { unit, limit, remaining, resetMs } of known) {
    headers.set(`x-ratelimit-limit-${unit}`, String(limit));
    headers.set(`x-ratelimit-remaining-${unit}`, String(remaining));
    headers.set(`x-ratelimit-reset-${unit}`, `${Math.ceil(resetMs)}ms`);
  }
  const list = (one: (quota: (typeof known)[number]) => string) => known.map(one).join(", ");
  const unitOf = (unit: string) => (unit === "requests" ? "" : `;qu="${unit}"`);
  headers.set(
    "ratelimit-policy",
    list(({ unit, limit }) => `"${unit}";q=${limit};w=${WINDOW_MS / 1000}${unitOf(unit)}`),
  );
  headers.set(
    "ratelimit",
    list(({ unit, remaining, resetMs }) => `"${unit}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`),
  );
}
