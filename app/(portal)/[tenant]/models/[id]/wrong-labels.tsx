import { useTranslations } from "next-intl";
import { Badge } from "@/components/badge";
import { Card } from "@/components/card";
import type { SeveralLabelsEvaluation } from "@/lib/ml/evaluation";

/** Measured rows whose labels are farthest from the truth, to look at. */
export function WrongLabels({ rows }: { rows: SeveralLabelsEvaluation["worst"] }) {
  const t = useTranslations("insight.wrongLabels");
  return (
    <Card title={t("title")} description={t("text")} isFlush>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <section className="max-h-96 overflow-y-auto" tabIndex={0} aria-label={t("title")}>
        {rows.length === 0 && <p className="text-ink-3 px-4 py-3 text-sm sm:px-5">{t("none")}</p>}
        <ul className="divide-y">
          {rows.map((row) => (
            <li key={row.line} className="px-4 py-2.5 text-sm sm:px-5">
              <p className="break-words">
                <span className="text-ink-3 mr-2 text-xs">{t("line", { line: row.line })}</span>
                {row.text}
              </p>
              <p className="mt-1 flex flex-wrap gap-1.5">
                {row.missing.map((label) => (
                  <Badge key={label} tone="warn">
                    {t("missing", { label })}
                  </Badge>
                ))}
                {row.extra.map((label) => (
                  <Badge key={label} tone="bad">
                    {t("extra", { label })}
                  </Badge>
                ))}
              </p>
            </li>
          ))}
        </ul>
      </section>
    </Card>
  );
}
