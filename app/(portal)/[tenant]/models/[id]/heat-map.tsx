import { useFormatter, useTranslations } from "next-intl";
import type { LabelsEvaluation } from "@/lib/ml/evaluation";

interface Props {
  confusions: LabelsEvaluation["confusions"];
  /** The ones to draw. */
  labels: readonly string[];
  /** How many there are. */
  classes: number;
  perClass: LabelsEvaluation["perClass"];
}

/** Where the rows behind a cell are listed: a browser opens the `details` around what an address points at. */
export const rowsId = (at: number) => `confusion-${at}`;

/** In CSS pixels: names stay readable, and a map that is wider than the page scrolls. */
const NAMES = 150;
const HEAD = 18;
const SHORT = 22;
const cut = (name: string) => (name.length > SHORT ? `${name.slice(0, SHORT - 1)}…` : name);

/** Rows: the right class by name and number. Columns: the answer by number. Shares of the row's measured rows. */
export function HeatMap({ confusions, labels, classes, perClass }: Props) {
  const t = useTranslations("insight.confusions");
  const format = useFormatter();
  const pairs = new Map(confusions.map((pair, at) => [`${pair.actual}\n${pair.predicted}`, { ...pair, at }]));
  const support = new Map(perClass.map((row) => [row.label, row]));
  const cell = Math.min(36, Math.max(15, Math.floor(330 / labels.length)));
  const [width, height] = [NAMES + labels.length * cell, HEAD + labels.length * cell];
  const share = (actual: string, predicted: string) => {
    const row = support.get(actual);
    if (!row || row.support === 0) return 0;
    return actual === predicted
      ? row.recall
      : (pairs.get(`${actual}\n${predicted}`)?.count ?? 0) / row.support;
  };
  return (
    <figure className="min-w-0">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <section className="overflow-x-auto" tabIndex={0} aria-label={t("mapLabel")}>
        <svg width={width} height={height} aria-label={t("mapLabel")} className="max-w-none">
          <rect x={NAMES} y={HEAD} width={width - NAMES} height={height - HEAD} className="fill-sunken" />
          {labels.map((actual, row) => {
            const middle = HEAD + (row + 0.5) * cell;
            return (
              <g key={actual} fontSize={11} dominantBaseline="central">
                <text x={0} y={middle} className="fill-ink-2">
                  {cut(actual)}
                  <title>{actual}</title>
                </text>
                <text x={NAMES - 6} y={middle} textAnchor="end" className="fill-ink-3" fontSize={10}>
                  {row + 1}
                </text>
                <text
                  x={NAMES + (row + 0.5) * cell}
                  y={HEAD / 2}
                  textAnchor="middle"
                  className="fill-ink-3"
                  fontSize={cell < 18 ? 8 : 10}
                >
                  {row + 1}
                </text>
              </g>
            );
          })}
          {labels.map((actual, row) =>
            labels.map((predicted, column) => {
              const value = share(actual, predicted);
              if (value === 0) return null;
              const key = `${actual}\n${predicted}`;
              const name = t(actual === predicted ? "hits" : "cell", {
                actual,
                predicted,
                share: format.number(value, { style: "percent", maximumFractionDigits: 0 }),
              });
              const square = (
                <rect
                  key={key}
                  x={NAMES + column * cell + 0.75}
                  y={HEAD + row * cell + 0.75}
                  width={cell - 1.5}
                  height={cell - 1.5}
                  rx={2}
                  className={actual === predicted ? "fill-chart-1" : "fill-chart-2"}
                  fillOpacity={0.2 + 0.8 * value}
                >
                  <title>{name}</title>
                </rect>
              );
              const pair = pairs.get(key);
              if (!pair || pair.rows.length === 0) return square;
              // The list beside it is the keyboard's way to the same rows.
              return (
                <a key={key} href={`#${rowsId(pair.at)}`} aria-label={name} tabIndex={-1}>
                  {square}
                </a>
              );
            }),
          )}
        </svg>
      </section>
      <figcaption className="text-ink-3 mt-2 max-w-md text-xs">
        {labels.length < classes && `${t("mapPart", { shown: labels.length, classes })} `}
        {t("mapText")}
      </figcaption>
    </figure>
  );
}
