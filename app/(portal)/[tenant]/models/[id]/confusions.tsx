import { useFormatter, useTranslations } from "next-intl";
import { Card } from "@/components/card";
import type { LabelsEvaluation } from "@/lib/ml/evaluation";
import { HeatMap, rowsId } from "./heat-map";
import { mostConfused } from "./most-confused";
import { RowText } from "./row-text";

interface Props {
  confusions: LabelsEvaluation["confusions"];
  labels: readonly string[];
  perClass: LabelsEvaluation["perClass"];
  /** All wrong pairs, of which a report keeps the most frequent ones; undefined in reports from before. */
  pairs: number | undefined;
}
/** Beyond this a map is a field of dots. */
const MAP_CLASSES = 30;
/** What a report keeps, where it does not say how many there were. */
const KEPT_PAIRS = 200;

/** Which classes are taken for which, with rows to look at. */
export function Confusions({ confusions, labels, perClass, pairs }: Props) {
  const t = useTranslations("insight.confusions");
  const format = useFormatter();
  return (
    <Card title={t("title")} description={t("text")}>
      {confusions.length === 0 ? (
        <p className="text-ink-3 text-sm">{t("none")}</p>
      ) : (
        <div className="grid gap-6 lg:grid-cols-2">
          <HeatMap
            confusions={confusions}
            labels={mostConfused(labels, confusions, MAP_CLASSES)}
            classes={labels.length}
            perClass={perClass}
          />
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
          <Kept confusions={confusions} pairs={pairs} />
        </div>
      )}
    </Card>
  );
}

/** What is neither drawn nor listed is not nothing. */
function Kept({ confusions, pairs }: Pick<Props, "confusions" | "pairs">) {
  const t = useTranslations("insight.confusions");
  const shown = confusions.length;
  if (pairs === undefined ? shown < KEPT_PAIRS : shown >= pairs) return null;
  const of = { shown, most: confusions.at(-1)?.count ?? 0 };
  return (
    <p className="text-ink-3 text-xs lg:col-span-2">
      {pairs === undefined ? t("perhapsMore", of) : t("morePairs", { ...of, pairs })}
    </p>
  );
}
