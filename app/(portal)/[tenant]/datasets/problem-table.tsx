import { useFormatter, useTranslations } from "next-intl";
import { Badge } from "@/components/badge";
import type { Problem } from "@/lib/ml/contract";

const TONES = { error: "bad", warning: "warn", info: "info" } as const;
/** Enough to look some up; the download has them all. */
const SHOWN_LINES = 12;

export function ProblemTable({ problems }: { problems: readonly Problem[] }) {
  const t = useTranslations("portal.report");
  const format = useFormatter();
  if (problems.length === 0)
    return <p className="text-ink-3 px-5 py-8 text-center text-sm">{t("noProblems")}</p>;
  return (
    <ul className="divide-y" aria-label={t("problems")}>
      {problems.map((problem) => (
        <li key={problem.kind} className="grid gap-1 px-4 py-3 text-sm sm:px-5">
          <p className="flex flex-wrap items-center gap-2">
            <Badge tone={TONES[problem.severity]}>{t(`severities.${problem.severity}`)}</Badge>
            <span className="font-medium">{problem.hint}</span>
            <span className="figures text-ink-3 ml-auto">{t("rowsCount", { count: problem.count })}</span>
          </p>
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
