import { useFormatter, useTranslations } from "next-intl";
import { Card } from "@/components/card";
import type { NumberEvaluation } from "@/lib/ml/evaluation";

const SIZE = 200;

/** Answer over truth of measured rows; a right answer lies on the dashed line. */
export function Scatter({ evaluation }: { evaluation: NumberEvaluation }) {
  const t = useTranslations("insight.scatter");
  const format = useFormatter();
  const percent = (value: number) => format.number(value, { style: "percent", maximumFractionDigits: 1 });
  const number = (value: number) => format.number(value, { maximumFractionDigits: 2 });
  const { points, interval } = evaluation;
  const all = points.flatMap((point) => [point.actual, point.predicted]);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const at = (value: number) => ((value - least) / (most - least || 1)) * SIZE;
  return (
    <Card title={t("title")} description={t("text")}>
      <svg
        viewBox={`-6 -6 ${SIZE + 12} ${SIZE + 12}`}
        role="img"
        aria-label={t("label", { count: points.length })}
        className="mx-auto block w-full max-w-sm overflow-visible"
      >
        <rect width={SIZE} height={SIZE} className="fill-sunken" rx={3} />
        <line
          x1={0}
          y1={SIZE}
          x2={SIZE}
          y2={0}
          className="stroke-line-strong"
          strokeDasharray="4 4"
          vectorEffect="non-scaling-stroke"
        />
        {points.map((point, i) => (
          <circle
            key={i}
            cx={at(point.actual)}
            cy={SIZE - at(point.predicted)}
            r={2}
            className="fill-chart-1"
            fillOpacity={0.45}
          />
        ))}
      </svg>
      <p className="text-ink-3 mt-2 flex justify-between text-xs">
        <span>{t("axes")}</span>
        <span className="figures">{t("range", { least: number(least), most: number(most) })}</span>
      </p>
      <p className="text-ink-2 mt-3 text-sm">
        {t("interval", {
          promised: percent(interval.promised),
          covered: percent(interval.covered.value),
          low: percent(interval.covered.low),
          high: percent(interval.covered.high),
          width: number(interval.meanWidth),
        })}
      </p>
    </Card>
  );
}
