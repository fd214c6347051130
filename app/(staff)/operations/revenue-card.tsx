import { getLocale, getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { wordsOf } from "@/lib/document-words";
import type { Locale } from "@/lib/locale";
import { MODES, type RevenueMonth } from "@/lib/revenue";

/** Sums by month; a month's name leads to the lines that they are the sums of. */
export async function RevenueCard({ months }: { months: readonly RevenueMonth[] }) {
  const [t, locale] = await Promise.all([getTranslations("projects.revenue"), getLocale()]);
  const { money } = wordsOf(locale as Locale);
  return (
    <Card title={t("title")} description={t("text")} isFlush>
      <DataTable
        rowKey="id"
        label={t("title")}
        rows={months.map(({ month, currency, minor }) => {
          const sum = MODES.reduce((all, mode) => all + minor[mode], 0n);
          const cell = (amount: bigint) => ({ value: Number(amount), node: money(amount, currency) });
          return {
            id: `${month} ${currency}`,
            month: {
              value: month,
              node: (
                <a className="link" href={`/api/operations/revenue/${month}`}>
                  {month}
                </a>
              ),
            },
            ...{ calls: cell(minor.calls), projects: cell(minor.projects), insight: cell(minor.insight) },
            sum: cell(sum),
          };
        })}
        columns={[
          { key: "month", header: t("month"), sortable: true },
          { key: "calls", header: t("calls"), align: "right", sortable: true },
          { key: "projects", header: t("projects"), align: "right", sortable: true },
          { key: "insight", header: t("insight"), align: "right", sortable: true },
          { key: "sum", header: t("sum"), align: "right", sortable: true },
        ]}
        empty={<p className="text-ink-3 px-5 py-6 text-sm">{t("none")}</p>}
      />
    </Card>
  );
}
