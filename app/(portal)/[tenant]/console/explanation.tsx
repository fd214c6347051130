"use client";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { Field, Select } from "@/components/field";
import type { Explanation } from "@/lib/ml/contract";
import { ExplainedColumns } from "./explained-columns";
import { ExplainedWords } from "./explained-words";
import type { Row } from "./row-fields";

interface Props {
  row: Row;
  explanation: Explanation;
}

/** What of a row speaks for a label and what against it, or raises and lowers a number. */
export function ExplanationView({ row, explanation }: Props) {
  const t = useTranslations("insight.explanation");
  const format = useFormatter();
  const [label, setLabel] = useState(explanation.label);
  const { columns, method, adds_to: addsTo, completeness_gap: gap } = explanation;
  const figure = (value: number) => format.number(value, { maximumFractionDigits: 3 });
  const weights = explanation.labels.find((one) => one.label === label)?.weights ?? [];
  const weighed = <Part,>(parts: readonly Part[]) =>
    parts.map((part, at) => ({ ...part, weight: weights[at] ?? 0 }));
  return (
    <div className="grid gap-3" data-testid="explanation">
      {explanation.labels.length > 1 && (
        <Field label={t(columns ? "columnsLabel" : "label")} className="max-w-72">
          <Select value={label} onChange={(event) => setLabel(event.currentTarget.value)}>
            {explanation.labels.map((one) => (
              <option key={one.label}>{one.label}</option>
            ))}
          </Select>
        </Field>
      )}
      {columns ? (
        <ExplainedColumns columns={weighed(columns)} label={label} addsTo={addsTo} />
      ) : (
        <ExplainedWords row={row} words={weighed(explanation.words)} label={label} addsTo={addsTo} />
      )}
      <p className="text-ink-3 text-xs">
        {t(columns ? "reading.columns" : addsTo === "value" ? "reading.value" : `reading.${method}`)}
        {gap !== undefined && label === explanation.label && (
          <> {t("gap", { gap: figure(Math.abs(gap)), rest: figure(explanation.rest ?? 0) })}</>
        )}
      </p>
    </div>
  );
}
