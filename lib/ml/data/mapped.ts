import { type ColumnMap, columnsOf } from "../contract";
import { type Role, TrainingError } from "../task";
import type { Table } from "./row";

/** A role with the column that it was given; a role of several columns once for each. */
export interface Mapped extends Role {
  at: number;
  /** What the cell is called in its row: the role's name, or the column's where the role takes several. */
  key: string;
}

/** The mapped roles, several columns of one in the order of the file. Throws `column_unknown`. */
export function findColumns(table: Table, columns: ColumnMap, roles: readonly Role[]): Mapped[] {
  const names = table.columns.map((column) => column.name);
  const unknown = (what: string, param: string) =>
    new TrainingError("column_unknown", `${what} The columns are: ${names.slice(0, 30).join(", ")}.`, param);
  const mapped = roles.flatMap((role) => {
    const asked = columnsOf(columns, role.name);
    if (asked.length === 0 && role.required)
      throw unknown(`No column was chosen for ${role.name}.`, role.name);
    const missing = asked.find((name) => !names.includes(name));
    if (missing !== undefined) throw unknown(`The file has no column ${missing}.`, missing);
    if (asked.length > 1 && role.kind !== "columns")
      throw unknown(`${role.name} takes one column.`, role.name);
    const places = asked.map((name) => names.indexOf(name)).sort((a, b) => a - b);
    return places.map(
      (at): Mapped => ({ ...role, at, key: role.kind === "columns" ? (names[at] ?? "") : role.name }),
    );
  });
  for (const [i, { name, at }] of mapped.entries()) {
    const other = mapped.slice(0, i).find((one) => one.at === at);
    if (other)
      throw new TrainingError(
        "column_unknown",
        other.name === name
          ? `The column ${names[at]} is named twice.`
          : `The ${other.name} and the ${name} cannot be the same column, ${names[at]}.`,
        names[at],
      );
  }
  return mapped;
}
