import { useFormatter, useTranslations } from "next-intl";
import { Card } from "@/components/card";
import type { LabelsEvaluation } from "@/lib/ml/evaluation";
import { HeatMap, rowsId } from "./heat-map";
import { RowText } from "./row-text";

interface Props {
  confusions: LabelsEvaluation["confusions"];
  labels: readonly string[];
  perClass: LabelsEvaluation["perClass"];
}
/** Beyond this a map is a field of dots, and the list of pairs says more. */
const MAP_CLASSES = 30;

/** Which classes are taken for which, with rows to look at. */
export function Confusions({ confusions, labels, perClass }: Props) {
  const t = useTranslations("insight.confusions");
  const format = useFormatter();
  return (
    <Card title={t("title")} description={t("text")}>
      {confusions.length === 0 ? (
        <p className="text-ink-3 text-sm">{t("none")}</p>
      ) : (
        <div className="grid gap-6 lg:grid-cols-2">
          {labels.length <= MAP_CLASSES && (
            <HeatMap confusions={confusions} labels={labels} perClass={perClass} />
          )}
          <ol className="grid max-h-112 content-start gap-2 overflow-y-auto">
            {confusions.map((pair, at) => (
              <li
                key={`${pair.actual} ${pair.predicted}`}
                className="has-target:border-accent rounded-md border px-3 py-2 text-sm"
              >
                <details>
                  <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-2">
                    <span className="font-medium">{pair.actual}</span>
                    <span className="text-ink-3 text-xs">{t("takenFor")}</span>
                    <span className="font-medium">{pair.predicted}</span>
                    <span className="figures text-ink-3 ml-auto">{t("times", { count: pair.count })}</span>
                  </summary>
                  <ul id={rowsId(at)} className="text-ink-2 mt-2 grid scroll-mt-[40vh] gap-1 text-xs">
                    {pair.rows.map((row) => (
                      <li key={row.line} className="break-words">
                        <span className="text-ink-3">{t("line", { line: row.line })}</span>{" "}
                        <RowText text={row.text} />{" "}
                        <span className="text-ink-3 figures">
                          {format.number(row.confidence, { style: "percent", maximumFractionDigits: 0 })}
                        </span>
                      </li>
                    ))}
                  </ul>
                </details>
              </li>
            ))}
          </ol>
        </div>
      )}
    </Card>
  );
}
