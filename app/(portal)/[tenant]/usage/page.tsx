import { Gauge } from "lucide-react";
import type { Metadata } from "next";
import { getFormatter, getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { Stat } from "@/components/stat";
import { listKeys } from "@/lib/keys";
import { requireMember } from "@/lib/page-session";
import { type UsageLine as Line, usageByDay } from "@/lib/usage";
import { DayChart } from "./day-chart";
import { DayTable } from "./day-table";
import { daysOf, isRows, sumBy, sumOf } from "./days";
import { SpanChoice } from "./span-choice";

const SPANS = [7, 30, 90];
const modelOf = (line: Line) => line.model;

interface Props {
  params: Promise<{ tenant: string }>;
  searchParams: Promise<{ days?: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("portal.nav"))("usage") };
}

export default async function UsagePage({ params, searchParams }: Props) {
  const { tenant: slug } = await params;
  const { actor } = await requireMember(slug, "usage.read");
  const wanted = Number((await searchParams).days);
  const days = SPANS.includes(wanted) ? wanted : 30;
  const [lines, keys, t, format] = await Promise.all([
    usageByDay(actor.tenantId, days),
    actor.permissions.has("keys.manage") ? listKeys(actor.tenantId) : [],
    getTranslations("settings.usage"),
    getFormatter(),
  ]);
  const answers = lines.filter(isRows);
  const total = sumOf(answers);
  const trainings = sumOf(lines.filter((line) => line.meter === "training.job"));
  const figure = (value: number) => ({ value, node: format.number(value) });
  /** Two keys may have one name: the id tells them apart, and to the eye of who manages keys their start. */
  const starts = new Map(keys.map((key) => [key.id, key.start]));
  const grouped = (idOf: (line: Line) => string, nameOf: (line: Line) => string) =>
    sumBy(answers, idOf, nameOf).map(({ id, name, sum }) => ({
      name: {
        value: name,
        node: (
          <span className="block wrap-anywhere">
            {name}
            {starts.has(id) && <span className="text-ink-3 block font-mono text-xs">{starts.get(id)}…</span>}
          </span>
        ),
      },
      id,
      requests: figure(sum.requests),
      billable: figure(sum.billable),
      free: figure(sum.free),
    }));
  const keyName = (line: Line) => {
    // A probe's key is the platform's own: the reason says more than its name.
    const name = `without.${line.reason ?? "key"}`;
    if (line.reason === null && line.keyName) return line.keyName;
    return t.has(name) ? t(name) : t("without.key");
  };
  const keyOf = (line: Line) => (line.reason === null && line.keyId ? line.keyId : keyName(line));
  const perDay = daysOf(answers, days, new Date());
  const columns = (first: string) => [
    { key: "name", header: first, sortable: true },
    { key: "requests", header: t("requests"), align: "right" as const, sortable: true },
    { key: "billable", header: t("billable"), align: "right" as const, sortable: true },
    { key: "free", header: t("free"), align: "right" as const, sortable: true },
  ];
  return (
    <>
      <PageHeader
        title={t("title")}
        description={t("text")}
        actions={<SpanChoice spans={SPANS} days={days} href={`/${slug}/usage`} />}
      />
      <div className="grid gap-4">
        <Card>
          <div className="grid grid-cols-2 gap-5 pt-1 sm:grid-cols-4">
            <Stat label={t("billableRows")} value={format.number(total.billable)} hint={t("billableHint")} />
            <Stat label={t("freeRows")} value={format.number(total.free)} hint={t("freeHint")} />
            <Stat label={t("requests")} value={format.number(total.requests)} />
            <Stat label={t("trainings")} value={format.number(trainings.rows)} hint={t("trainingsHint")} />
          </div>
        </Card>
        {answers.length === 0 ? (
          <Card>
            <EmptyState icon={<Gauge />} title={t("empty", { days })} text={t("emptyText")} />
          </Card>
        ) : (
          <>
            <Card title={t("byDay")} description={t("byDayText")}>
              <DayChart days={perDay} />
              <div className="-mx-4 mt-4 -mb-4 border-t sm:-mx-5 sm:-mb-5">
                <DayTable days={perDay} />
              </div>
            </Card>
            <div className="grid gap-4 lg:grid-cols-2">
              <Card title={t("byModel")} isFlush>
                <DataTable
                  rows={grouped(modelOf, modelOf)}
                  rowKey="id"
                  label={t("byModel")}
                  columns={columns(t("model"))}
                />
              </Card>
              <Card title={t("byKey")} isFlush>
                <DataTable
                  rows={grouped(keyOf, keyName)}
                  rowKey="id"
                  label={t("byKey")}
                  columns={columns(t("key"))}
                />
              </Card>
            </div>
            <Card title={t("lines")} isFlush>
              <DataTable
                rows={lines.map((line, at) => ({
                  id: String(at),
                  day: line.day,
                  meter: t(`meters.${line.meter.replace(".", "_")}`),
                  model: {
                    value: line.model,
                    node: <span className="font-mono text-xs break-all">{line.model}</span>,
                  },
                  key: keyName(line),
                  requests: figure(line.requests),
                  billable: figure(line.billable),
                  free: figure(line.free),
                }))}
                rowKey="id"
                label={t("lines")}
                pageSize={20}
                search
                columns={[
                  { key: "day", header: t("day"), sortable: true },
                  { key: "meter", header: t("meter"), sortable: true },
                  { key: "model", header: t("model"), sortable: true },
                  ...columns(t("key")).map((one) => (one.key === "name" ? { ...one, key: "key" } : one)),
                ]}
              />
            </Card>
          </>
        )}
      </div>
    </>
  );
}
