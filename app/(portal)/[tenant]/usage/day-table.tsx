import { useFormatter, useTranslations } from "next-intl";
import { DataTable } from "@/components/data-table";
import type { Day } from "./days";

/** The chart's figures as a table: the picture alone would leave out who cannot see it. */
export function DayTable({ days }: { days: readonly Day[] }) {
  const t = useTranslations("settings.usage");
  const format = useFormatter();
  const figure = (value: number) => ({ value, node: format.number(value) });
  const rows = days
    .filter((day) => day.requests > 0)
    .map((day) => ({
      day: day.day,
      requests: figure(day.requests),
      billable: figure(day.billable),
      free: figure(day.free),
    }))
    .reverse();
  return (
    <DataTable
      rows={rows}
      rowKey="day"
      label={t("byDay")}
      pageSize={7}
      columns={[
        { key: "day", header: t("day"), sortable: true },
        { key: "requests", header: t("requests"), align: "right", sortable: true },
        { key: "billable", header: t("billable"), align: "right", sortable: true },
        { key: "free", header: t("free"), align: "right", sortable: true },
      ]}
    />
  );
}
