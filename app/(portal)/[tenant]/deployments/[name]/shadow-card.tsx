"use client";
import { useFormatter, useTranslations } from "next-intl";
import { DataTable } from "@/components/data-table";
import { Stat } from "@/components/stat";
import type { ShadowReport } from "@/lib/shadow-reports";
import { TrialCard, type TrialOf } from "./trial-card";

interface Props extends TrialOf {
  running: string | undefined;
  report: ShadowReport | null;
}

export function ShadowCard({ running, report, ...of }: Props) {
  return (
    <TrialCard {...of} kind="shadow" model={running} trialOf={({ model = "" }) => ({ model })}>
      {report && <Differences report={report} />}
    </TrialCard>
  );
}

function Differences({ report: { rows, same, differences } }: { report: ShadowReport }) {
  const t = useTranslations("serving.shadow");
  const format = useFormatter();
  if (rows === 0) return <p className="text-ink-3 text-sm">{t("nothingYet")}</p>;
  const named = differences.filter(({ answered }) => answered !== "");
  return (
    <>
      <div className="grid grid-cols-2 gap-4">
        <Stat label={t("rows")} value={format.number(rows)} />
        <Stat
          label={t("same")}
          value={format.number(same / rows, { style: "percent", maximumFractionDigits: 1 })}
          hint={t("differ", { count: rows - same })}
        />
      </div>
      {named.length > 0 && (
        <div className="-mx-4 border-t sm:-mx-5">
          <DataTable
            rows={named.map((one) => ({ id: `${one.answered}\n${one.shadowed}`, ...one }))}
            rowKey="id"
            pageSize={10}
            label={t("differences")}
            columns={[
              { key: "answered", header: t("answered"), sortable: true },
              { key: "shadowed", header: t("shadowed"), sortable: true },
              { key: "rows", header: t("rows"), align: "right", sortable: true },
            ]}
          />
        </div>
      )}
    </>
  );
}
