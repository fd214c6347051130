import type { Share } from "./prices";

/** Billing periods: UTC calendar months `[start, end)`, cut where a subscription begins, ends or changes. */

export interface Period {
  startsAt: Date;
  endsAt: Date;
}

export const monthStart = (at: Date): Date => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1));
export const nextMonth = (at: Date): Date => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1));
/** So many months later, on the same day; where the month has no such day, on its last. */
export function addMonths(at: Date, months: number): Date {
  const month = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, 1));
  const lastDay = new Date(nextMonth(month).getTime() - 1).getUTCDate();
  const day = Math.min(at.getUTCDate(), lastDay);
  return new Date(month.getTime() + (day - 1) * 86_400_000 + (at.getTime() % 86_400_000));
}
/** `2026-01`. */
export const monthName = (at: Date): string => at.toISOString().slice(0, 7);
export const monthOf = (name: string): Period => {
  const startsAt = new Date(`${name}-01T00:00:00Z`);
  return { startsAt, endsAt: nextMonth(startsAt) };
};

/** The periods of a subscription from its start to its end, or to `until`, whichever is first. */
export function periodsOf(
  { startsAt, endsAt }: { startsAt: Date; endsAt: Date | null },
  until: Date,
): Period[] {
  const end = endsAt && endsAt < until ? endsAt : until;
  const periods: Period[] = [];
  for (let from = startsAt; from < end; from = nextMonth(from)) {
    const start = from === startsAt ? startsAt : monthStart(from);
    const to = nextMonth(start);
    // What is still open ends with the month; only an end that is fixed cuts it.
    periods.push({ startsAt: start, endsAt: endsAt && endsAt < to ? endsAt : to });
  }
  return periods;
}

/** Which part of its month a period is, in seconds. */
export function shareOfMonth({ startsAt, endsAt }: Period): Share {
  const seconds = (from: Date, to: Date) => BigInt(Math.round((to.getTime() - from.getTime()) / 1000));
  const month = monthStart(startsAt);
  return { part: seconds(startsAt, endsAt), whole: seconds(month, nextMonth(month)) };
}

/** The run of a month's invoices may begin: usage of its last day is closed by then. */
export const runDay = (month: string): Date => new Date(monthOf(month).endsAt.getTime() + 3 * 86_400_000);
