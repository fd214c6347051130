import type { UsageLine } from "@/lib/usage";

export interface Sum {
  requests: number;
  rows: number;
  billable: number;
  free: number;
}
export interface Day extends Sum {
  /** `2026-01-31`, in UTC. */
  day: string;
}

const DAY_MS = 86_400_000;

/** Answered rows; trainings are counted in jobs and stand apart. */
export const isRows = (line: UsageLine): boolean =>
  line.meter === "inference.row" || line.meter === "batch.row";

export function sumOf(lines: readonly UsageLine[]): Sum {
  const sum = { requests: 0, rows: 0, billable: 0, free: 0 };
  for (const line of lines) {
    sum.requests += line.requests;
    sum.rows += line.rows;
    sum.billable += line.billable;
    sum.free += line.free;
  }
  return sum;
}

/** `Map.groupBy` came with Node 21. */
function groupBy(lines: readonly UsageLine[], nameOf: (line: UsageLine) => string) {
  const groups = new Map<string, UsageLine[]>();
  for (const line of lines) {
    const group = groups.get(nameOf(line));
    if (group) group.push(line);
    else groups.set(nameOf(line), [line]);
  }
  return groups;
}

/** One sum an id, most rows first; the name is the one of its first line. */
export function sumBy(
  lines: readonly UsageLine[],
  idOf: (line: UsageLine) => string,
  nameOf: (line: UsageLine) => string,
) {
  const groups = groupBy(lines, idOf);
  return [...groups]
    .map(([id, own]) => ({ id, name: own[0] ? nameOf(own[0]) : id, sum: sumOf(own) }))
    .sort((a, b) => b.sum.rows - a.sum.rows);
}

/** Every day up to today, also those without a call: a gap in the picture is information. */
export function daysOf(lines: readonly UsageLine[], days: number, now: Date): Day[] {
  const groups = groupBy(lines, (line) => line.day);
  return Array.from({ length: days }, (_, at) => {
    const day = new Date(now.getTime() - (days - 1 - at) * DAY_MS).toISOString().slice(0, 10);
    return { day, ...sumOf(groups.get(day) ?? []) };
  });
}
