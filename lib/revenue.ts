import { revenueLines } from "@/db/system";
import { decimalOf } from "./money";

/** What was earned, by the three modes: calls, projects, insight. Before tax, by the month in which it was issued. */

export const MODES = ["calls", "projects", "insight"] as const;

export interface RevenueMonth {
  month: string;
  currency: string;
  minor: Record<(typeof MODES)[number], bigint>;
}

/** Newest month first; one row a currency. */
export async function revenueByMonth(): Promise<RevenueMonth[]> {
  const rows = new Map<string, RevenueMonth>();
  for (const { month, currency, mode, minor } of await revenueLines()) {
    const key = `${month} ${currency}`;
    const row = rows.get(key) ?? { month, currency, minor: { calls: 0n, projects: 0n, insight: 0n } };
    row.minor[mode] += BigInt(minor);
    rows.set(key, row);
  }
  return [...rows.values()];
}

/** The lines that a month's figures are the sums of, as a spreadsheet. */
export async function revenueCsv(month: string): Promise<string> {
  const { csvLine } = await import("./ml/data/csv-write");
  const rows = (await revenueLines())
    .filter((line) => line.month === month)
    .map(({ slug, document, line, mode, currency, minor }) => [
      ...[slug, document, line, mode, currency],
      decimalOf(BigInt(minor), currency),
    ]);
  return [["customer", "document", "line", "mode", "currency", "amount"], ...rows].map(csvLine).join("");
}
