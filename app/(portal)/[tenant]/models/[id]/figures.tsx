import { useTranslations } from "next-intl";
import { Card } from "@/components/card";
import { floorRecipe, type ModelReport } from "@/lib/ml/contract";
import { figuresOf, isShare } from "@/lib/ml/evaluation";
import { IntervalBar } from "../interval-bar";
import { useMetricText } from "../use-metric-text";

/** The measured figures with their intervals, each beside those of the floor and of the frozen base. */
export function Figures({ report }: { report: ModelReport }) {
  const t = useTranslations("insight.model");
  const { nameOf, textOf } = useMetricText();
  const { evaluation, floor, frozen, recipe, rows, refit } = report;
  const figures = figuresOf(evaluation);
  return (
    <Card
      title={t("measured")}
      description={t(evaluation.kind === "test" ? "onTest" : "crossValidated", { n: evaluation.n })}
    >
      <div className={`grid gap-6 sm:grid-cols-2 ${figures.length > 2 ? "lg:grid-cols-3" : ""}`}>
        {figures.map(([metric, estimate]) => {
          // Beside itself neither says anything.
          const beside = recipe === floorRecipe(report) ? undefined : floor.scores[metric];
          const onBase = recipe === frozen?.recipe ? undefined : frozen?.scores[metric];
          return (
            <div key={metric}>
              <p className="text-ink-3 text-xs font-medium">{nameOf(metric)}</p>
              <p className="figures mt-0.5 text-3xl font-semibold">{textOf(metric, estimate.value)}</p>
              {isShare(metric) && <IntervalBar estimate={estimate} className="my-2 w-full" />}
              <p className="text-ink-3 text-xs">
                {t("interval", { low: textOf(metric, estimate.low), high: textOf(metric, estimate.high) })}
                {beside && (
                  <>
                    {" "}
                    · {t(report.columns ? "tableFloor" : "floor", { value: textOf(metric, beside.value) })}
                  </>
                )}
                {frozen && onBase && (
                  <> · {t("frozen", { recipe: frozen.recipe, value: textOf(metric, onBase.value) })}</>
                )}
              </p>
            </div>
          );
        })}
      </div>
      {report.leakage !== undefined && evaluation.kind === "test" && (
        <p className={report.leakage > 0 ? "text-warn mt-4 text-sm" : "text-ink-3 mt-4 text-sm"}>
          {t("leakage", { count: report.leakage, n: evaluation.n })}
        </p>
      )}
      <p className="text-ink-2 mt-4 text-sm">
        {refit ? t("refit", { rows: rows.train }) : t("noRefit", { rows: rows.train })}
        {rows.taughtOnly !== undefined && ` ${t("taughtOnly", { count: rows.taughtOnly })}`}
      </p>
    </Card>
  );
}
