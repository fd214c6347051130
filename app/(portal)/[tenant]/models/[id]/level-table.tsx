import { useFormatter, useTranslations } from "next-intl";
import { Card } from "@/components/card";
import type { LevelsEvaluation } from "@/lib/ml/evaluation";

interface Props {
  evaluation: LevelsEvaluation;
  /** All measured rows; those whose number is no level are not in the table. */
  measured: number;
}

/** How often each level was answered for rows of each true one. A scale is short, so every count is shown. */
export function LevelTable({ evaluation: { levels, cuts, n, table }, measured }: Props) {
  const t = useTranslations("insight.levels");
  const format = useFormatter();
  return (
    <Card title={t("title")} description={t("text")}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <section className="overflow-x-auto" tabIndex={0} aria-label={t("title")}>
        <table className="figures text-center text-sm">
          <thead className="text-ink-3 text-xs">
            <tr>
              <th scope="col" className="pr-4 pb-2 text-left align-top font-medium">
                {t("axes")}
              </th>
              {levels.map((level, column) => (
                <th key={level} scope="col" className="min-w-14 pb-2 align-top font-medium">
                  <span className="text-ink block text-sm">{level}</span>
                  {column > 0 && (
                    <>≥ {format.number(cuts[column - 1] ?? level, { maximumFractionDigits: 2 })}</>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.map((counts, row) => (
              <tr key={levels[row]}>
                <th scope="row" className="pr-4 text-left font-medium">
                  {levels[row]}
                </th>
                {counts.map((count, column) => (
                  <td key={levels[column]} className="relative h-9">
                    <Shade isRight={row === column} share={count / Math.max(1, counts.reduce(sum))} />
                    <span className={count === 0 ? "text-ink-3 relative" : "relative"}>
                      {format.number(count)}
                    </span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {n < measured && <p className="text-ink-3 mt-3 text-xs">{t("others", { count: measured - n })}</p>}
    </Card>
  );
}

const sum = (a: number, b: number) => a + b;

/** Behind a count: the stronger, the larger its share of the row. */
const Shade = ({ isRight, share }: { isRight: boolean; share: number }) => (
  <span
    aria-hidden
    className={`absolute inset-0.5 rounded-sm ${isRight ? "bg-chart-1" : "bg-chart-2"}`}
    style={{ opacity: 0.6 * share }}
  />
);
