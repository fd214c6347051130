import { useFormatter, useLocale, useTranslations } from "next-intl";
import { Badge } from "@/components/badge";
import type { Problem } from "@/lib/ml/contract";

const TONES = { error: "bad", warning: "warn", info: "info" } as const;
/** Enough to look some up; the download has them all. */
const SHOWN_LINES = 12;

export function ProblemTable({ problems }: { problems: readonly Problem[] }) {
  const t = useTranslations("portal.report");
  const finding = useTranslations("portal.findings");
  const refusal = useTranslations("kit.errors");
  const locale = useLocale();
  const format = useFormatter();
  // What no row is set aside for, but the file as a whole refused, is named by the refusal's code.
  const isRefusal = (kind: string) => !finding.has(kind) && refusal.has(kind);
  const textOf = ({ kind, hint }: Problem) => {
    if (locale === "en") return hint;
    if (isRefusal(kind)) return refusal(kind);
    if (!finding.has(kind)) return hint;
    const sentence = finding(kind);
    // A finding about labels ends in the labels themselves.
    const names = /[.。]$/.test(sentence) ? null : hint.slice(hint.indexOf(": ") + 2);
    return names === null ? sentence : `${sentence}：${names}`;
  };
  if (problems.length === 0)
    return <p className="text-ink-3 px-5 py-8 text-center text-sm">{t("noProblems")}</p>;
  return (
    <ul className="divide-y" aria-label={t("problems")}>
      {problems.map((problem) => (
        <li key={problem.kind} className="grid gap-1.5 px-4 py-3 text-sm sm:px-5">
          <p className="flex flex-wrap items-center justify-between gap-2">
            <Badge tone={TONES[problem.severity]}>
              {t(`severities.${isRefusal(problem.kind) ? "refusal" : problem.severity}`)}
            </Badge>
            <span className="figures text-ink-3 text-xs">{t("rowsCount", { count: problem.count })}</span>
          </p>
          <p className="min-w-0 break-words">{textOf(problem)}</p>
          {problem.lines.length > 0 && (
            <details className="text-ink-3 text-xs">
              <summary className="cursor-pointer">
                {t("lines", {
                  lines: problem.lines
                    .slice(0, SHOWN_LINES)
                    .map((line) => format.number(line))
                    .join(", "),
                })}
                {problem.lines.length > SHOWN_LINES && " …"}
              </summary>
              <p className="figures mt-1 break-words">{problem.lines.join(", ")}</p>
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}
