import { useFormatter, useTranslations } from "next-intl";
import { Card } from "@/components/card";
import type { ModelReport } from "@/lib/ml/contract";
import { figuresOf, isShare } from "@/lib/ml/evaluation";
import { Said } from "../../said-text";
import { IntervalBar } from "../interval-bar";
import { useMetricText } from "../use-metric-text";

type Compared = ModelReport["compared"][number];

/** Every recipe that was compared by the metrics of the task, and why one of them was chosen. */
export function Choice({ report }: { report: ModelReport }) {
  const t = useTranslations("insight.model");
  const format = useFormatter();
  const { nameOf, textOf } = useMetricText();
  const metrics = figuresOf(report.evaluation)
    .map(([metric]) => metric)
    .filter((metric) => report.compared.some(({ scores }) => scores[metric]));
  const { pairedDifference: difference } = report;
  const isPoints = isShare(metrics[0] ?? "accuracy");
  const inPoints = (value: number) =>
    format.number(isPoints ? value * 100 : value, {
      maximumFractionDigits: isPoints ? 1 : 3,
      signDisplay: "always",
    });
  const inSeconds = (value: number) => format.number(value, { maximumFractionDigits: value < 10 ? 1 : 0 });
  return (
    <Card title={t("compared")} description={t("comparedText")}>
      <table className="w-full text-sm">
        <thead className="text-ink-3 text-left text-xs">
          <tr>
            <th scope="col" className="pb-2 font-medium">
              {t("recipe")}
            </th>
            {metrics.map((metric, i) => (
              <th key={metric} scope="col" className={`pb-2 pl-3 font-medium ${i > 0 ? "text-right" : ""}`}>
                {nameOf(metric)}
              </th>
            ))}
            <th scope="col" className="pb-2 pl-3 text-right font-medium">
              {t("time")}
            </th>
          </tr>
        </thead>
        <tbody>
          {report.compared.map((one) => (
            <tr key={one.recipe} className={one.chosen ? "font-medium" : "text-ink-2"}>
              <td className="py-1.5">
                {one.recipe}{" "}
                {one.chosen && <span className="text-good text-xs whitespace-nowrap">✓ {t("chosen")}</span>}
                <Settings effective={one.effective} />
              </td>
              {metrics.map((metric, i) => (
                <td key={metric} className={`py-1.5 pl-3 ${i > 0 ? "figures text-right" : ""}`}>
                  <Figure compared={one} metric={metric} text={textOf} />
                </td>
              ))}
              <td className="figures py-1.5 pl-3 text-right whitespace-nowrap">
                {t("seconds", { seconds: inSeconds(one.seconds) })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="text-ink-2 mt-3 text-sm">
        <Said sentence={report.choice} />
      </p>
      {report.leftOut?.map(({ recipe, seconds }) => (
        <p key={recipe} className="text-ink-3 mt-1 text-xs">
          {t("leftOut", { recipe, minutes: Math.ceil(seconds / 60) })}
        </p>
      ))}
      {difference && (
        <p className="text-ink-3 mt-1 text-xs">
          {t(isPoints ? "difference" : "plainDifference", {
            value: inPoints(difference.value),
            low: inPoints(difference.low),
            high: inPoints(difference.high),
          })}
        </p>
      )}
    </Card>
  );
}

function Figure({
  compared,
  metric,
  text,
}: {
  compared: Compared;
  metric: string;
  text: (metric: string, value: number) => string;
}) {
  const score = compared.scores[metric];
  if (!score) return "–";
  const { value, low, high } = score;
  return (
    <span className="inline-flex items-center gap-3">
      {isShare(metric) && low !== undefined && high !== undefined && (
        <span className="hidden sm:inline">
          <IntervalBar estimate={{ value, low, high }} className="w-20" />
        </span>
      )}
      <span className="figures">{text(metric, value)}</span>
    </span>
  );
}

/** What a recipe chose for itself; models made before this was kept have none. */
function Settings({ effective = {} }: Partial<Compared>) {
  const t = useTranslations("insight.model.settings");
  const said = Object.entries(effective)
    .filter(([name, value]) => value !== false && t.has(name))
    .map(([name, value]) => t(name, { value: typeof value === "boolean" ? "" : value }));
  return <span className="text-ink-3 block text-xs font-normal">{said.join(" · ")}</span>;
}
