"use client";
import { useFormatter, useTranslations } from "next-intl";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { FormDialog } from "@/components/form-dialog";
import { Stat } from "@/components/stat";
import { useAct } from "@/components/use-act";
import type { ShadowReport } from "@/lib/shadow-reports";
import { type Version, VersionSelect } from "../version-select";

interface Props {
  slug: string;
  name: string;
  versions: readonly Version[];
  running: string | undefined;
  report: ShadowReport | null;
  mayDeploy: boolean;
}

export function ShadowCard({ slug, name, versions, running, report, mayDeploy }: Props) {
  const t = useTranslations("serving.shadow");
  const { isBusy, act } = useAct();
  const patch = (shadow: { model: string } | null) =>
    call(`/v1/deployments/${name}`, { tenant: slug, method: "PATCH", body: { shadow } });
  return (
    <Card title={t("title")} description={t("text")}>
      {running ? (
        <div className="grid gap-3">
          <p className="font-mono text-xs break-all">{running}</p>
          {report && <Differences report={report} />}
          {mayDeploy && (
            <div>
              <Button
                size="sm"
                variant="secondary"
                isLoading={isBusy}
                onClick={() => act(() => patch(null), t("ended"))}
              >
                {t("end")}
              </Button>
            </div>
          )}
        </div>
      ) : mayDeploy && versions.length > 0 ? (
        <FormDialog
          variant="secondary"
          size="sm"
          trigger={t("begin")}
          title={t("begin")}
          description={t("beginText")}
          action={t("begin")}
          done={t("begun")}
          fields={[]}
          send={async ({ model = "" }) => {
            await patch({ model });
          }}
        >
          {() => <VersionSelect versions={versions} />}
        </FormDialog>
      ) : (
        <p className="text-ink-3 text-sm">{t("none")}</p>
      )}
    </Card>
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
