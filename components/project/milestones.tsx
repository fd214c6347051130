import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Badge } from "@/components/badge";
import { Card } from "@/components/card";
import type { ProjectView } from "@/lib/project-view";
import { percent, ruleText } from "@/lib/rule-text";
import { MilestoneActions } from "./milestone-actions";
import { Remedies } from "./remedies";
import type { Where } from "./where";

type MilestoneView = ProjectView["milestones"][number];

const TONES = {
  planned: "neutral",
  in_progress: "info",
  submitted: "info",
  passed: "good",
  missed: "bad",
  accepted: "good",
  waived: "warn",
  cancelled: "neutral",
  invoiced: "good",
} as const;

interface Props {
  milestones: readonly MilestoneView[];
  models: ProjectView["models"];
  where: Where;
  may: { sign: boolean; submit: boolean };
  /** Where invoices are listed, and, for the customer, where the rows of a run are. */
  billing: string;
  answers?: string;
}

/** What was agreed to be reached, what was measured, and what is missing. */
export async function Milestones({ milestones, models, where, may, billing, answers }: Props) {
  const t = await getTranslations("projects.milestones");
  const quote = await getTranslations("projects.quote");
  // They come with a signature.
  if (milestones.length === 0) return null;
  return (
    <Card title={t("title")} isFlush>
      <ul className="divide-y" aria-label={t("title")}>
        {milestones.map((one) => (
          <li key={one.id} className="grid gap-2 px-4 py-4 text-sm sm:px-5">
            <p className="flex flex-wrap items-center gap-2">
              <span className="font-medium">{one.title}</span>
              <Badge tone={TONES[one.state]}>{t(`states.${one.state}`)}</Badge>
              <span className="text-ink-3 figures ml-auto text-xs">{t("by", { day: one.dueOn })}</span>
            </p>
            <p className="text-ink-2">{ruleText(quote, one.acceptance)}</p>
            {one.runs.map((run) => (
              <Run
                key={run.id}
                run={run}
                number={measuredUpTo(one.runs, run.number)}
                of={one.acceptance?.maxRuns ?? one.runs.length}
                answers={answers && `${answers}/${run.id}`}
              />
            ))}
            {one.gap && <Gap gap={one.gap} />}
            {one.state === "passed" && one.reviewEndsAt && (
              <p className="text-ink-2">
                {t("reviewEnds", { day: one.reviewEndsAt.toISOString().slice(0, 10) })}
              </p>
            )}
            {one.invoiceId && (
              <p>
                <Link className="link" href={billing}>
                  {t("invoice")}
                </Link>
              </p>
            )}
            <Remedies remedies={one.remedies} where={where} may={may} />
            <MilestoneActions
              milestone={{
                ...{ id: one.id, state: one.state, isMeasured: one.acceptance !== null },
                isProposed: one.remedies.some(({ state }) => state === "proposed"),
              }}
              models={models}
              where={where}
              may={may}
            />
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Runs that count against those agreed, up to this one: a contest is none. */
const measuredUpTo = (runs: MilestoneView["runs"], number: number) =>
  runs.filter((run) => run.number <= number && run.contestOf === null).length;

interface RunProps {
  run: MilestoneView["runs"][number];
  number: number;
  of: number;
  answers: string | undefined;
}
async function Run({ run, number, of, answers }: RunProps) {
  const t = await getTranslations("projects.milestones");
  const figure = (decimal: string) => percent(Number(decimal));
  return (
    <div className="bg-sunken grid gap-1 rounded-md px-3 py-2">
      <p className="flex flex-wrap items-center gap-2">
        <span>
          {t(run.contestOf ? "again" : "run", {
            ...{ number, of, rows: run.rows },
            ...{ value: figure(run.value), low: figure(run.low), high: figure(run.high) },
          })}
        </span>
        <Badge tone={run.hasPassed ? "good" : "bad"}>{t(run.hasPassed ? "hasPassed" : "hasMissed")}</Badge>
      </p>
      <p className="text-ink-3 font-mono text-xs break-all">{run.model}</p>
      {answers && (
        <Link className="link text-xs" href={answers}>
          {t("seeRows")}
        </Link>
      )}
      {run.excluded > 0 && <p className="text-ink-2 text-xs">{t("excluded", { count: run.excluded })}</p>}
      <details className="text-xs">
        <summary className="text-ink-2 cursor-pointer">{t("perClass")}</summary>
        <ul className="mt-1 grid gap-0.5">
          {run.perClass.map(({ label, rows, recall }) => (
            <li key={label} className="flex justify-between gap-4">
              <span className="min-w-0 break-words">{label}</span>
              <span className="figures text-ink-2 shrink-0">
                {percent(recall)} · {rows}
              </span>
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}

async function Gap({ gap }: { gap: NonNullable<MilestoneView["gap"]> }) {
  const t = await getTranslations("projects.milestones");
  return (
    <div className="text-ink-2 grid gap-1">
      <p>{t("gap", { missing: percent(gap.missing), answers: gap.answers })}</p>
      {gap.classes.length > 0 && (
        <>
          <p>{t("gapClasses")}</p>
          <ul className="list-disc pl-5">
            {gap.classes.map(({ label, wrong, rows }) => (
              <li key={label}>{t("gapClass", { label, wrong, rows })}</li>
            ))}
          </ul>
        </>
      )}
      <p>{gap.moreRows === null ? t("gapUnknown") : t("gapRows", { rows: gap.moreRows })}</p>
    </div>
  );
}
