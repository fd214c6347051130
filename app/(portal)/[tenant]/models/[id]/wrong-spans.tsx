import { useTranslations } from "next-intl";
import { Card } from "@/components/card";
import { MarkedText } from "@/components/marked-text";
import type { Mark } from "@/components/marks";
import type { SpansEvaluation } from "@/lib/ml/evaluation";

type Row = SpansEvaluation["worst"][number];
const TONES: Record<Row["spans"][number]["is"], Mark["tone"]> = {
  right: "good",
  missed: "warn",
  wrong: "bad",
};

/** Measured texts with spans that were missed or are wrong, to look at. */
export function WrongSpans({ rows }: { rows: readonly Row[] }) {
  const t = useTranslations("insight.wrongSpans");
  return (
    <Card title={t("title")} description={t("text")} isFlush>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <section className="max-h-96 overflow-y-auto" tabIndex={0} aria-label={t("title")}>
        {rows.length === 0 && <p className="text-ink-3 px-4 py-3 text-sm sm:px-5">{t("none")}</p>}
        <ul className="divide-y">
          {rows.map((row) => (
            <li key={row.line} className="px-4 py-2.5 text-sm sm:px-5">
              <p className="text-ink-3 text-xs">{t("line", { line: row.line })}</p>
              <MarkedText
                text={row.text}
                marks={row.spans.map(({ start, end, label, is }) => ({
                  start,
                  end,
                  label: t(is, { label }),
                  tone: TONES[is],
                }))}
              />
            </li>
          ))}
        </ul>
      </section>
    </Card>
  );
}
