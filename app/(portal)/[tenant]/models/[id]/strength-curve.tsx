import { useFormatter, useTranslations } from "next-intl";
import { Card } from "@/components/card";
import type { Readings } from "@/lib/ml/contract";
import { useMetricText } from "../use-metric-text";

const [WIDTH, HEIGHT] = [220, 70];
const LEAST_RANGE = 0.05;

/** How good a tuned adapter is at less than its full strength; the chosen one is marked. */
export function StrengthCurve({ strengths: { metric, rows, tried } }: { strengths: Readings }) {
  const t = useTranslations("insight.strength");
  const format = useFormatter();
  const { nameOf, textOf } = useMetricText();
  const named = { metric: nameOf(metric), rows };
  const points = tried.toSorted((a, b) => a.strength - b.strength);
  const values = points.map(({ value }) => value);
  const [low, top] = [Math.min(...values), Math.max(...values)];
  // Five points of height at least: what chance does is no mountain.
  const height = Math.max(LEAST_RANGE, top - low);
  const x = (place: number) => (place / Math.max(1, points.length - 1)) * WIDTH;
  const y = (value: number) => (((low + top) / 2 - value) / height + 0.5) * HEIGHT;
  return (
    <Card title={t("title")} description={t("text", named)}>
      <svg
        viewBox={`-24 -16 ${WIDTH + 48} ${HEIGHT + 46}`}
        role="img"
        aria-label={t("label", named)}
        className="w-full max-w-lg"
      >
        <polyline
          points={values.map((value, place) => `${x(place)},${y(value).toFixed(1)}`).join(" ")}
          className="stroke-chart-1 fill-none"
          strokeWidth={1.2}
        />
        {points.map(({ strength, value, chosen }, place) => (
          <g key={strength} fontSize={7} textAnchor="middle">
            <circle
              cx={x(place)}
              cy={y(value)}
              r={chosen ? 4 : 2.5}
              className={chosen ? "fill-good" : "fill-chart-1"}
            />
            <text x={x(place)} y={y(value) - 7} className={chosen ? "fill-ink font-semibold" : "fill-ink-2"}>
              {textOf(metric, value)}
            </text>
            <text x={x(place)} y={HEIGHT + 14} className={chosen ? "fill-ink" : "fill-ink-3"}>
              {chosen ? `✓ ${format.number(strength)}` : format.number(strength)}
            </text>
          </g>
        ))}
        <text x={WIDTH / 2} y={HEIGHT + 26} textAnchor="middle" className="fill-ink-2" fontSize={7}>
          {t("axis")}
        </text>
      </svg>
    </Card>
  );
}
