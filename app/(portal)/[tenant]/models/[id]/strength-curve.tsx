import { useFormatter, useTranslations } from "next-intl";
import { Card } from "@/components/card";
import type { Readings } from "@/lib/ml/contract";

const [WIDTH, HEIGHT] = [220, 70];
const LEAST_RANGE = 0.05;

/** What a tuned adapter was right on at less than its full strength; the chosen one is marked. */
export function StrengthCurve({ strengths: { rows, tried } }: { strengths: Readings }) {
  const t = useTranslations("insight.strength");
  const format = useFormatter();
  const percent = (value: number) => format.number(value, { style: "percent", maximumFractionDigits: 1 });
  const points = tried.toSorted((a, b) => a.strength - b.strength);
  const shares = points.map(({ accuracy }) => accuracy);
  const top = Math.max(...shares);
  // Five points of height at least: what chance does is no mountain.
  const height = Math.max(LEAST_RANGE, top - Math.min(...shares));
  const x = (place: number) => (place / Math.max(1, points.length - 1)) * WIDTH;
  const y = (accuracy: number) => ((top - accuracy) / height) * HEIGHT;
  return (
    <Card title={t("title")} description={t("text", { rows })}>
      <svg
        viewBox={`-24 -16 ${WIDTH + 48} ${HEIGHT + 46}`}
        role="img"
        aria-label={t("label")}
        className="w-full max-w-lg"
      >
        <polyline
          points={points.map(({ accuracy }, place) => `${x(place)},${y(accuracy).toFixed(1)}`).join(" ")}
          className="stroke-chart-1 fill-none"
          strokeWidth={1.2}
        />
        {points.map(({ strength, accuracy, chosen }, place) => (
          <g key={strength} fontSize={7} textAnchor="middle">
            <circle
              cx={x(place)}
              cy={y(accuracy)}
              r={chosen ? 4 : 2.5}
              className={chosen ? "fill-good" : "fill-chart-1"}
            />
            <text
              x={x(place)}
              y={y(accuracy) - 7}
              className={chosen ? "fill-ink font-semibold" : "fill-ink-2"}
            >
              {percent(accuracy)}
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
