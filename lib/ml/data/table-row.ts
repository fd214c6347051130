import type { TableColumn } from "../contract";
import type { TableRow } from "../task";
import { numberIn } from "./table-features";

const NAMED = 30;

/** Why a model with these columns does not read a row of a request; null when it does. Absent columns are empty ones. */
export function tableRowProblem(columns: readonly TableColumn[], row: TableRow): string | null {
  const kinds = new Map(columns.map(({ name, kind }) => [name, kind]));
  for (const [name, value] of Object.entries(row)) {
    const kind = kinds.get(name);
    if (!kind) {
      const known = [...kinds.keys()].slice(0, NAMED).join(", ");
      return `there is no column \`${name}\`; the model reads: ${known}`;
    }
    const isEmpty = value === null || String(value).trim() === "";
    if (kind === "number" && !isEmpty && numberIn(value) === null)
      return `\`${name}\` takes a number, not \`${String(value).slice(0, 60)}\``;
  }
  return null;
}
