import { useFormatter, useTranslations } from "next-intl";
import { Card } from "@/components/card";
import type { LabelsEvaluation, Reliability as Measured } from "@/lib/ml/evaluation";

/** A point of fewer rows is mostly chance, so it is drawn faintly. */
const FEW_ROWS = 10;
const TICKS = [0, 50, 100];

/** Whether "90% sure" is right nine times of ten: measured share over stated confidence. */
export function Reliability({ calibration }: { calibration: LabelsEvaluation["calibration"] }) {
  const t = useTranslations("insight.reliability");
  const format = useFormatter();
  const { ece, eceByChance, before } = calibration;
  const percent = (value: number) => format.number(value, { style: "percent", maximumFractionDigits: 2 });
  return (
    <Card title={t("title")} description={t("text")}>
      <div className="grid grid-cols-2 gap-4">
        {before && <Plot measured={before} label={t("labelBefore")} caption={t("before")} />}
        <Plot measured={calibration} label={t("label")} caption={before ? t("after") : null} />
      </div>
      <div className="text-ink-2 mt-3 grid gap-1 text-sm">
        <p>
          {ece === null
            ? t("notEnough")
            : before?.ece == null
              ? t("ece", { value: percent(ece) })
              : t("eceBoth", { value: percent(ece), before: percent(before.ece) })}
        </p>
        {ece !== null && eceByChance != null && (
          <p>{t(ece <= eceByChance ? "withinChance" : "aboveChance", { value: percent(eceByChance) })}</p>
        )}
        <p className="text-ink-3 text-xs">{t("sizes", { few: FEW_ROWS })}</p>
      </div>
    </Card>
  );
}

function Plot({ measured, label, caption }: { measured: Measured; label: string; caption: string | null }) {
  const t = useTranslations("insight.reliability");
  const bins = measured.bins.filter((bin) => bin.n > 0);
  const most = Math.max(1, ...bins.map((bin) => bin.n));
  return (
    <figure className="min-w-0 max-w-64">
      <svg viewBox="-26 -6 136 132" role="img" aria-label={label} className="w-full">
        <rect x={0} y={0} width={100} height={100} className="stroke-chart-grid fill-none" />
        {TICKS.map((tick) => (
          <g key={tick} className="fill-ink-3" fontSize={6.5}>
            <text x={tick} y={108.5} textAnchor="middle">
              {tick}%
            </text>
            <text x={-3} y={100 - tick} textAnchor="end" dominantBaseline="central">
              {tick}%
            </text>
          </g>
        ))}
        <g className="fill-ink-2" fontSize={6.5} textAnchor="middle">
          <text x={50} y={120}>
            {t("stated")}
          </text>
          <text transform="translate(-21 50) rotate(-90)">{t("right")}</text>
        </g>
        <line x1={0} y1={100} x2={100} y2={0} className="stroke-line-strong" strokeDasharray="3 3" />
        {bins.map((bin) => (
          <circle
            key={bin.confidence}
            cx={bin.confidence * 100}
            cy={100 - bin.accuracy * 100}
            r={1.5 + 4 * Math.sqrt(bin.n / most)}
            className="fill-chart-1"
            fillOpacity={bin.n < FEW_ROWS ? 0.3 : 0.8}
          >
            <title>
              {t("point", {
                confidence: Math.round(bin.confidence * 100),
                accuracy: Math.round(bin.accuracy * 100),
                n: bin.n,
              })}
            </title>
          </circle>
        ))}
      </svg>
      {caption !== null && <figcaption className="text-ink-3 text-center text-xs">{caption}</figcaption>}
    </figure>
  );
}
