import { price, times, toMinor } from "./money";
import type { QuoteDocument } from "./scope";

/** Arithmetic of a quote's lines: pure, so the page that drafts one shows the very sums that are stored. */

type Line = Pick<QuoteDocument["lines"][number], "quantity" | "unit_decimal" | "discount_bp">;

/** Quantity times price less the discount, rounded once. */
export function lineAmount(line: Line, currency: string): bigint {
  const full = times(price(line.unit_decimal), BigInt(line.quantity));
  return toMinor(times(full, BigInt(10_000 - line.discount_bp), 10_000n), currency);
}

/** What differs between two versions of an offer, line by line. */
export interface QuoteChange {
  of: "line" | "milestone" | "net" | "validity";
  title: string;
  /** Null where it is new, or gone. */
  before: string | null;
  after: string | null;
}

export function quoteChanges(before: QuoteDocument, after: QuoteDocument): QuoteChange[] {
  const said = (document: QuoteDocument): Omit<QuoteChange, "before" | "after">[] => [
    ...document.lines.map(({ title }) => ({ of: "line" as const, title })),
    ...document.milestones.map(({ title }) => ({ of: "milestone" as const, title })),
  ];
  const rows = [...said(before), ...said(after)].filter(
    (row, at, all) => all.findIndex((other) => other.of === row.of && other.title === row.title) === at,
  );
  const changes = rows.map((row) => ({ ...row, before: wordOf(before, row), after: wordOf(after, row) }));
  return [
    ...changes,
    { of: "net" as const, title: "", before: before.net, after: after.net },
    { of: "validity" as const, title: "", before: before.valid_until, after: after.valid_until },
  ].filter((change) => change.before !== change.after);
}

function wordOf(document: QuoteDocument, { of, title }: Pick<QuoteChange, "of" | "title">): string | null {
  if (of === "line") return document.lines.find((line) => line.title === title)?.amount ?? null;
  const milestone = document.milestones.find((one) => one.title === title);
  if (!milestone) return null;
  const { acceptance, due_on: dueOn } = milestone;
  if (!acceptance) return dueOn;
  const { metric, of: what = "", threshold, rule, minRows, maxRuns, reviewDays } = acceptance;
  return [dueOn, metric, what, threshold, rule, minRows, maxRuns, reviewDays]
    .filter((x) => x !== "")
    .join(" · ");
}
