"use client";
import { useFormatter, useTranslations } from "next-intl";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import type { LabelsEvaluation } from "@/lib/ml/evaluation";

type Row = LabelsEvaluation["perClass"][number] & { threshold?: number };

interface Props {
  rows: readonly Row[];
  /** What is counted: whole rows, or the spans in them. */
  of?: "rows" | "spans";
}

/** Figures of every class; with thresholds where each class has its own. */
export function PerClass({ rows, of = "rows" }: Props) {
  const t = useTranslations("insight.model");
  const format = useFormatter();
  const percent = (value: number) => format.number(value, { style: "percent", maximumFractionDigits: 1 });
  return (
    <Card title={t("perClass")} description={t(`perClassText.${of}`)} isFlush>
      <DataTable
        rows={rows}
        rowKey="label"
        label={t("perClass")}
        search={rows.length > 12}
        pageSize={20}
        columns={[
          { key: "label", header: t("class"), sortable: true },
          ...(rows.some((row) => row.threshold !== undefined)
            ? [
                {
                  key: "threshold" as const,
                  header: t("threshold"),
                  align: "right" as const,
                  sortable: true,
                  cell: (row: Row) => percent(row.threshold ?? 0),
                },
              ]
            : []),
          {
            key: "precision",
            header: t("precision"),
            align: "right",
            sortable: true,
            cell: (row) => percent(row.precision),
          },
          {
            key: "recall",
            header: t("recall"),
            align: "right",
            sortable: true,
            cell: (row) => percent(row.recall),
          },
          {
            key: "f1",
            header: "F1",
            align: "right",
            sortable: true,
            cell: (row) => (
              <span className="inline-flex items-center gap-3">
                <span aria-hidden className="bg-hover hidden h-1.5 w-20 rounded-full sm:inline-block">
                  <span
                    className="bg-chart-1 block h-full rounded-full"
                    style={{ width: `${row.f1 * 100}%` }}
                  />
                </span>
                {percent(row.f1)}
              </span>
            ),
          },
          { key: "support", header: t(`support.${of}`), align: "right", sortable: true },
        ]}
      />
    </Card>
  );
}
