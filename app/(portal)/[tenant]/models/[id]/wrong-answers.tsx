import { useTranslations } from "next-intl";
import { Card } from "@/components/card";
import { MarkedText } from "@/components/marked-text";
import type { Mark } from "@/components/marks";
import type { AnswersEvaluation } from "@/lib/ml/evaluation";

/** Measured questions whose answers are farthest from the truth, both marked in the context where they stand first. */
export function WrongAnswers({ rows }: { rows: AnswersEvaluation["worst"] }) {
  const t = useTranslations("insight.wrongAnswers");
  const markOf = (text: string, piece: string, label: string, tone: Mark["tone"]): Mark[] => {
    const start = piece ? text.indexOf(piece) : -1;
    return start < 0 ? [] : [{ start, end: start + piece.length, label, tone }];
  };
  return (
    <Card title={t("title")} description={t("text")} isFlush>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <section className="max-h-96 overflow-y-auto" tabIndex={0} aria-label={t("title")}>
        {rows.length === 0 && <p className="text-ink-3 px-4 py-3 text-sm sm:px-5">{t("none")}</p>}
        <ul className="divide-y">
          {rows.map(({ line, question, text, expected, answered }) => (
            <li key={`${line} ${question}`} className="grid gap-1 px-4 py-2.5 text-sm sm:px-5">
              <p className="font-medium break-words">
                <span className="text-ink-3 mr-2 text-xs font-normal">{t("line", { line })}</span>
                {question}
              </p>
              <MarkedText
                text={text}
                marks={[
                  ...markOf(text, expected, t("expected"), "good"),
                  ...markOf(text, answered, t("answered"), "bad"),
                ]}
              />
            </li>
          ))}
        </ul>
      </section>
    </Card>
  );
}
