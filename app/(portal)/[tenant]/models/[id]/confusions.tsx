import { useFormatter, useTranslations } from "next-intl";
import { Card } from "@/components/card";
import type { Evaluation } from "@/lib/ml/contract";

interface Props {
  confusions: Evaluation["confusions"];
  labels: readonly string[];
  perClass: Evaluation["perClass"];
}
/** Beyond this a map is a field of dots, and the list of pairs says more. */
const MAP_CLASSES = 30;
const SHOWN_PAIRS = 15;

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
          <ol className="grid content-start gap-2">
            {confusions.slice(0, SHOWN_PAIRS).map((pair) => (
              <li key={`${pair.actual} ${pair.predicted}`} className="rounded-md border px-3 py-2 text-sm">
                <details>
                  <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-2">
                    <span className="font-medium">{pair.actual}</span>
                    <span className="text-ink-3 text-xs">{t("takenFor")}</span>
                    <span className="font-medium">{pair.predicted}</span>
                    <span className="figures text-ink-3 ml-auto">{t("times", { count: pair.count })}</span>
                  </summary>
                  <ul className="text-ink-2 mt-2 grid gap-1 text-xs">
                    {pair.rows.map((row) => (
                      <li key={row.line} className="break-words">
                        <span className="text-ink-3">{t("line", { line: row.line })}</span> {row.text}{" "}
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

function HeatMap({ confusions, labels, perClass }: Props) {
  const t = useTranslations("insight.confusions");
  const count = new Map(confusions.map((pair) => [`${pair.actual}\n${pair.predicted}`, pair.count]));
  const support = new Map(perClass.map((row) => [row.label, row]));
  const size = labels.length;
  const share = (actual: string, predicted: string) => {
    const row = support.get(actual);
    if (!row || row.support === 0) return 0;
    return actual === predicted ? row.recall : (count.get(`${actual}\n${predicted}`) ?? 0) / row.support;
  };
  return (
    <figure className="min-w-0">
      <svg
        viewBox={`0 0 ${size} ${size}`}
        role="img"
        aria-label={t("mapLabel")}
        className="bg-sunken aspect-square w-full max-w-md rounded-md border"
      >
        {labels.map((actual, row) =>
          labels.map((predicted, column) => {
            const value = share(actual, predicted);
            if (value === 0) return null;
            return (
              <rect
                key={`${actual} ${predicted}`}
                x={column + 0.04}
                y={row + 0.04}
                width={0.92}
                height={0.92}
                rx={0.08}
                className={actual === predicted ? "fill-chart-1" : "fill-chart-2"}
                fillOpacity={0.15 + 0.85 * value}
              >
                <title>{`${actual} → ${predicted}: ${Math.round(value * 100)} %`}</title>
              </rect>
            );
          }),
        )}
      </svg>
      <figcaption className="text-ink-3 mt-2 text-xs">{t("mapText")}</figcaption>
    </figure>
  );
}
