"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Field, Textarea } from "@/components/field";
import type { TableRow } from "@/lib/ml/task";

/** What a model reads at once: a text, several by their names, or a row of a table by column. */
export type Row = string | TableRow;

interface Props {
  /** Names of what the model's task reads. */
  roles: readonly string[];
  /** The rows that could be sent as they stand; none while one lacks a text. */
  onRows: (rows: Row[]) => void;
}
/** The most that one call takes; more rows are a file's work. */
const MAX_ROWS = 256;

/** Where rows are typed: one a line when a row is one text, else one row with a field for each of its texts. */
export function RowFields({ roles, onRows }: Props) {
  return roles.length > 1 ? <TextFields roles={roles} onRows={onRows} /> : <LinesField onRows={onRows} />;
}

function LinesField({ onRows }: Pick<Props, "onRows">) {
  const t = useTranslations("insight.console");
  const [count, setCount] = useState(0);
  const read = (text: string) => {
    const lines = text
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
    setCount(lines.length);
    onRows(lines.slice(0, MAX_ROWS));
  };
  return (
    <Field
      label={t("rows")}
      hint={t("rowsHint", { most: MAX_ROWS })}
      error={count > MAX_ROWS ? t("tooMany", { count, most: MAX_ROWS }) : undefined}
    >
      <Textarea
        rows={4}
        placeholder={t("placeholder")}
        onChange={(event) => read(event.currentTarget.value)}
      />
    </Field>
  );
}

function TextFields({ roles, onRows }: Props) {
  const t = useTranslations("insight.console");
  const names = useTranslations("portal.map.roles");
  const [texts, setTexts] = useState<Record<string, string>>({});
  const read = (role: string, text: string) => {
    const row = { ...texts, [role]: text };
    setTexts(row);
    const isWhole = roles.every((name) => row[name]?.trim());
    onRows(isWhole ? [row] : []);
  };
  return (
    <div className="grid gap-1.5">
      <div className="grid gap-4 lg:grid-cols-2">
        {roles.map((role) => (
          <Field key={role} label={names.has(role) ? names(role) : role}>
            <Textarea rows={4} onChange={(event) => read(role, event.currentTarget.value)} />
          </Field>
        ))}
      </div>
      <p className="text-ink-3 text-xs">{t("oneRowHint")}</p>
    </div>
  );
}
