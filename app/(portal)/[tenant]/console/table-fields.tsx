"use client";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { Field, Input, Select } from "@/components/field";
import { type TableColumn, usualRow } from "@/lib/ml/contract";
import type { TableRow, TableValue } from "@/lib/ml/task";
import type { Row } from "./row-fields";

interface Props {
  columns: readonly TableColumn[];
  onRows: (rows: Row[]) => void;
}

/** One row of a table, a field for each column, filled with what is usual there. */
export function TableFields({ columns, onRows }: Props) {
  const t = useTranslations("insight.console");
  const [row, setRow] = useState<TableRow>(() => usualRow(columns));
  useEffect(() => onRows([row]), [row, onRows]);
  return (
    <div className="grid gap-1.5">
      <div className="grid max-h-128 gap-x-4 gap-y-3 overflow-y-auto p-1 sm:grid-cols-2 lg:grid-cols-4">
        {columns.map((column) => (
          <Field key={column.name} label={column.name}>
            <Cell
              column={column}
              value={row[column.name] ?? null}
              onChange={(value) => setRow({ ...row, [column.name]: value })}
            />
          </Field>
        ))}
      </div>
      <p className="text-ink-3 text-xs">{t("tableHint")}</p>
    </div>
  );
}

interface CellProps {
  column: TableColumn;
  value: TableValue;
  onChange: (value: TableValue) => void;
}

/** Words that are too rare to be known one by one are typed; they count as other ones. */
function Cell({ column: { kind, values }, value, onChange }: CellProps) {
  const t = useTranslations("insight.console");
  if (kind === "category" && values.length > 0)
    return (
      <Select value={value ?? ""} onChange={(event) => onChange(event.currentTarget.value || null)}>
        <option value="">{t("emptyCell")}</option>
        {values.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </Select>
    );
  const read = (text: string) => (text === "" ? null : kind === "number" ? Number(text) : text);
  return (
    <Input
      type={kind === "number" ? "number" : "text"}
      step="any"
      value={value ?? ""}
      onChange={(event) => onChange(read(event.currentTarget.value))}
    />
  );
}
