import { getFormatter, getTranslations } from "next-intl/server";
import { Badge } from "@/components/badge";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { listKeys } from "@/lib/keys";
import { listModels } from "@/lib/models";
import { listRowLimits } from "@/lib/row-limits";
import { RemoveRowLimit, SetRowLimit } from "./row-limit-form";

interface Props {
  tenantId: string;
  slug: string;
  canChange: boolean;
}

/** Limits of single keys and models, with what the month has used of each. */
export async function RowLimitsCard({ tenantId, slug, canChange }: Props) {
  const [limits, keys, models, t, format] = await Promise.all([
    listRowLimits(tenantId),
    listKeys(tenantId),
    listModels(tenantId),
    getTranslations("billing.rowLimits"),
    getFormatter(),
  ]);
  const choices = [
    ...keys
      .filter(({ revokedAt }) => !revokedAt)
      .map(({ id, name }) => ({ scope: "key" as const, subject: id, name })),
    ...models.map(({ name }) => ({ scope: "model" as const, subject: name, name })),
  ];
  const count = (rows: bigint | null) => (rows === null ? "–" : format.number(rows));
  return (
    <Card
      title={t("title")}
      description={t("text")}
      isFlush={limits.length > 0}
      actions={canChange && choices.length > 0 && <SetRowLimit slug={slug} choices={choices} />}
    >
      {limits.length > 0 && (
        <DataTable
          rowKey="id"
          label={t("title")}
          rows={limits.map(({ scope, subject, name, usedRows, softRows, hardRows }) => {
            const tone =
              hardRows !== null && usedRows >= hardRows
                ? "bad"
                : softRows !== null && usedRows >= softRows
                  ? "warn"
                  : "good";
            return {
              id: `${scope} ${subject}`,
              scope: t(`scopes.${scope}`),
              name: { value: name, node: <span className="font-mono text-xs break-all">{name}</span> },
              used: { value: Number(usedRows), node: <Badge tone={tone}>{count(usedRows)}</Badge> },
              soft: { value: Number(softRows ?? -1), node: count(softRows) },
              hard: { value: Number(hardRows ?? -1), node: count(hardRows) },
              remove: {
                value: "",
                node: canChange && <RemoveRowLimit slug={slug} scope={scope} subject={subject} name={name} />,
              },
            };
          })}
          columns={[
            { key: "scope", header: t("scope"), sortable: true },
            { key: "name", header: t("name"), sortable: true },
            { key: "used", header: t("used"), align: "right", sortable: true },
            { key: "soft", header: t("soft"), align: "right", sortable: true },
            { key: "hard", header: t("hard"), align: "right", sortable: true },
            { key: "remove", header: <span className="sr-only">{t("remove")}</span>, align: "right" },
          ]}
        />
      )}
    </Card>
  );
}
