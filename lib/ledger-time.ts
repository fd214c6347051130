/**
 * When usage counts, by two clocks alone (when it occurred, when it was recorded), so that a customer can follow it.
 * A day is closed 48 hours after its end. What comes later counts as it is recorded, and what comes more than 35 days
 * late is free. An event that claims to be of the future counts as received.
 */
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CLOSED_AFTER_MS = 48 * HOUR_MS;
const FREE_AFTER_MS = 35 * DAY_MS;
/** Clocks of machines differ; beyond this one is wrong. */
const AHEAD_MS = 5 * 60_000;

/** The first instant after a UTC day. */
export const endOfDay = (at: Date): Date => new Date((Math.floor(at.getTime() / DAY_MS) + 1) * DAY_MS);

/** Nothing is counted to a day from here on. */
export const closingOf = (at: Date): Date => new Date(endOfDay(at).getTime() + CLOSED_AFTER_MS);

export function countedAt(
  claimedAt: Date,
  recordedAt: Date,
  { isBillable, reason }: { isBillable: boolean; reason: string | null },
) {
  const isAhead = claimedAt.getTime() > recordedAt.getTime() + AHEAD_MS;
  const occurredAt = isAhead ? recordedAt : claimedAt;
  const isTooLate = recordedAt.getTime() - occurredAt.getTime() > FREE_AFTER_MS;
  return {
    occurredAt,
    claimedAt: isAhead ? claimedAt : null,
    countedAt: recordedAt < closingOf(occurredAt) ? occurredAt : recordedAt,
    ...(isBillable && isTooLate ? { isBillable: false, reason: "late" } : { isBillable, reason }),
  };
}
