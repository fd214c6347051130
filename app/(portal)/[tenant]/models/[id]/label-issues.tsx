"use client";
import { useFormatter, useTranslations } from "next-intl";
import { useMemo, useState } from "react";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { Select } from "@/components/field";
import type { ModelReport } from "@/lib/ml/contract";

/** Rows whose label is likely wrong, to be looked at by somebody who knows what is right. */
export function LabelIssues({ issues }: { issues: NonNullable<ModelReport["labelIssues"]> }) {
  const t = useTranslations("insight.labelIssues");
  const format = useFormatter();
  const [wanted, setWanted] = useState("");
  const classes = useMemo(
    () => [...new Set(issues.rows.flatMap((row) => [row.given, row.suggested]))].sort(),
    [issues],
  );
  const rows = issues.rows
    .filter((row) => wanted === "" || row.given === wanted || row.suggested === wanted)
    .map((row, at) => ({ ...row, id: `${row.line} ${at}` }));
  return (
    <Card
      title={t("title")}
      description={`${t(issues.rows.length < issues.count ? "textFirst" : "text", {
        count: issues.count,
        shown: issues.rows.length,
      })} ${t("scoreText")}`}
      isFlush
    >
      <DataTable
        rows={rows}
        rowKey="id"
        label={t("title")}
        search
        pageSize={10}
        empty={<p className="text-ink-3 px-5 py-8 text-center text-sm">{t("none")}</p>}
        toolbar={
          <Select
            aria-label={t("class")}
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
            className="[--control:2rem] sm:max-w-56"
          >
            <option value="">{t("everyClass")}</option>
            {classes.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        }
        columns={[
          { key: "line", header: t("line"), align: "right", sortable: true },
          { key: "text", header: t("rowText") },
          { key: "given", header: t("given"), sortable: true },
          {
            key: "suggested",
            header: t("suggested"),
            sortable: true,
            cell: (row) => <span className="font-medium">{row.suggested}</span>,
          },
          {
            key: "score",
            header: t("score"),
            align: "right",
            sortable: true,
            // Rounded down: no model is wholly sure that a person was wrong.
            cell: (row) => format.number(Math.floor(row.score * 1000) / 1000, { minimumFractionDigits: 3 }),
          },
        ]}
      />
    </Card>
  );
}
