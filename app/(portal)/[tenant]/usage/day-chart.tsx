"use client";
import { useFormatter, useTranslations } from "next-intl";
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import type { Day } from "./days";

const SERIES = [
  { key: "billable", colour: "var(--chart-1)" },
  { key: "free", colour: "var(--chart-6)" },
] as const;

/** The same figures stand in the table under it, so the picture is one image to assistive technology. */
export function DayChart({ days }: { days: readonly Day[] }) {
  const t = useTranslations("settings.usage");
  const format = useFormatter();
  const dayName = (day: string) =>
    format.dateTime(new Date(`${day}T00:00:00Z`), { month: "short", day: "numeric", timeZone: "UTC" });
  const tick = { fill: "var(--ink-3)", fontSize: 11 };
  return (
    <figure>
      <div role="img" aria-label={t("byDay")} className="h-56">
        <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 640, height: 224 }}>
          <BarChart
            data={[...days]}
            accessibilityLayer={false}
            margin={{ top: 8, right: 4, left: 0, bottom: 0 }}
          >
            <CartesianGrid vertical={false} stroke="var(--chart-grid)" />
            <XAxis
              dataKey="day"
              tickFormatter={dayName}
              tick={tick}
              tickLine={false}
              axisLine={{ stroke: "var(--line)" }}
              minTickGap={28}
            />
            <YAxis
              tick={tick}
              tickLine={false}
              axisLine={false}
              allowDecimals={false}
              width={44}
              tickFormatter={(value: number) => format.number(value, { notation: "compact" })}
            />
            <Tooltip
              cursor={{ fill: "var(--hover)" }}
              labelFormatter={(day) => dayName(String(day))}
              formatter={(value) => format.number(Number(value))}
              contentStyle={{
                background: "var(--raised)",
                border: "1px solid var(--line)",
                borderRadius: "var(--radius-md)",
                color: "var(--ink)",
                fontSize: "0.75rem",
              }}
            />
            {SERIES.map((series) => (
              <Bar
                key={series.key}
                dataKey={series.key}
                name={t(series.key)}
                stackId="rows"
                fill={series.colour}
                isAnimationActive={false}
                maxBarSize={28}
              />
            ))}
          </BarChart>
        </ResponsiveContainer>
      </div>
      <figcaption className="text-ink-2 mt-2 flex gap-4 text-xs">
        {SERIES.map((series) => (
          <span key={series.key} className="inline-flex items-center gap-1.5">
            <span aria-hidden className="size-2.5 rounded-xs" style={{ background: series.colour }} />
            {t(series.key)}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
