import { isValidElement, type ReactNode } from "react";

export interface Sorting {
  key: string;
  isDescending: boolean;
}
export type SortValue = string | number | null;

/** What a cell holds for the eye and what it holds for sorting and search. */
export function cellOf(row: object, key: string): { node: ReactNode; value: SortValue } {
  const held: unknown = (row as Record<string, unknown>)[key];
  if (typeof held === "string" || typeof held === "number") return { node: held, value: held };
  if (held === null || held === undefined || typeof held === "boolean") return { node: null, value: null };
  if (held instanceof Date) return { node: held.toISOString(), value: held.getTime() };
  if (typeof held === "object" && !isValidElement(held) && "node" in held && "value" in held)
    return held as { node: ReactNode; value: SortValue };
  return { node: held as ReactNode, value: null };
}

export function textOf(row: object, columns: readonly { key: string }[]): string {
  return columns
    .map((column) => cellOf(row, column.key).value)
    .filter((value) => value !== null)
    .join("\n")
    .toLowerCase();
}

/** Nothing sorts last in both directions; equal rows keep their order. */
export function sortRows<Row extends object>(rows: readonly Row[], { key, isDescending }: Sorting): Row[] {
  const compare = new Intl.Collator(undefined, { numeric: true }).compare;
  return [...rows].sort((a, b) => {
    const [left, right] = [cellOf(a, key).value, cellOf(b, key).value];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    const order =
      typeof left === "number" && typeof right === "number"
        ? left - right
        : compare(String(left), String(right));
    return isDescending ? -order : order;
  });
}
