import { useFormatter, useTranslations } from "next-intl";
import { Card } from "@/components/card";
import type { Evaluation } from "@/lib/ml/contract";

/** Whether "90 % sure" is right nine times of ten: measured share over stated confidence. */
export function Reliability({ calibration }: { calibration: Evaluation["calibration"] }) {
  const t = useTranslations("insight.reliability");
  const format = useFormatter();
  const most = Math.max(1, ...calibration.bins.map((bin) => bin.n));
  return (
    <Card title={t("title")} description={t("text")}>
      <div className="flex flex-wrap items-center gap-6">
        <svg viewBox="-4 -4 108 108" role="img" aria-label={t("label")} className="w-full max-w-56">
          <rect x={0} y={0} width={100} height={100} className="stroke-chart-grid fill-none" />
          <line x1={0} y1={100} x2={100} y2={0} className="stroke-line-strong" strokeDasharray="3 3" />
          {calibration.bins.map((bin) => (
            <circle
              key={bin.confidence}
              cx={bin.confidence * 100}
              cy={100 - bin.accuracy * 100}
              r={1.5 + 4 * Math.sqrt(bin.n / most)}
              className="fill-chart-1"
              fillOpacity={0.75}
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
        <p className="text-ink-2 max-w-56 text-sm">
          {calibration.ece === null
            ? t("notEnough")
            : t("ece", {
                value: format.number(calibration.ece, { style: "percent", maximumFractionDigits: 1 }),
              })}
        </p>
      </div>
    </Card>
  );
}
