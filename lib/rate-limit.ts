import { AppError, type Quota } from "./errors";

/** Sliding minute per caller in this process; a window shared over machines is leased from PostgreSQL later. */
const windows = new Map<string, { startedAt: number; count: number; before: number }>();
const WINDOW_MS = 60_000;

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
      quota: { limit: perMinute, remaining: 0, resetMs },
    });
  window.count++;
  return { limit: perMinute, remaining: Math.max(0, Math.floor(perMinute - used - 1)), resetMs };
}

/** The names that OpenAI's clients know; a duration such as `1200ms`. */
export function setQuotaHeaders(headers: Headers, quota: Quota | undefined): void {
  if (!quota) return;
  headers.set("x-ratelimit-limit-requests", String(quota.limit));
  headers.set("x-ratelimit-remaining-requests", String(quota.remaining));
  headers.set("x-ratelimit-reset-requests", `${quota.resetMs}ms`);
}
