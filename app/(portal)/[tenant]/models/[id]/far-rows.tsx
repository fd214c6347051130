"use client";
import { useFormatter, useTranslations } from "next-intl";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import type { NumberEvaluation } from "@/lib/ml/evaluation";

/** Measured rows whose number is farthest from the truth: the model's mistakes, or wrong numbers. */
export function FarRows({ rows }: { rows: NumberEvaluation["worst"] }) {
  const t = useTranslations("insight.farRows");
  const format = useFormatter();
  const number = (value: number) => format.number(value, { maximumFractionDigits: 2 });
  return (
    <Card title={t("title")} description={t("text")} isFlush>
      <DataTable
        rows={rows}
        rowKey="line"
        label={t("title")}
        pageSize={10}
        columns={[
          { key: "line", header: t("line"), align: "right", sortable: true },
          {
            key: "text",
            header: t("rowText"),
            cell: (row) => <span className="block max-w-xl break-words whitespace-pre-line">{row.text}</span>,
          },
          {
            key: "actual",
            header: t("actual"),
            align: "right",
            sortable: true,
            cell: (row) => number(row.actual),
          },
          {
            key: "predicted",
            header: t("predicted"),
            align: "right",
            sortable: true,
            cell: (row) => number(row.predicted),
          },
        ]}
      />
    </Card>
  );
}
