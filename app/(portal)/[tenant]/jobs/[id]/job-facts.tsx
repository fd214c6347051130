"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { Time } from "@/components/time";
import { useErrorText } from "@/components/use-error-text";
import type { JobWire } from "@/lib/job-wire";
import { costOf } from "@/lib/training-cost";
import { LATE_CREDIT_PERCENT } from "@/lib/training-forecast";
import { StateBadge } from "../../state-badge";
import { TrainingCost } from "../../training-cost";

type Verb = "pause" | "resume" | "cancel";
/** What a person may do with a job in a state; nothing once it has ended. */
const VERBS: Record<string, readonly Verb[]> = {
  validating_files: ["cancel"],
  queued: ["pause", "cancel"],
  running: ["pause", "cancel"],
  paused: ["resume", "cancel"],
};
const SAID = { pause: "pausing", resume: "resuming", cancel: "cancelling" } as const;

/** The job in figures, and the buttons that change it. */
export function JobFacts({ slug, job, mayChange }: { slug: string; job: JobWire; mayChange: boolean }) {
  const t = useTranslations("portal.jobs");
  const errorText = useErrorText();
  const [busy, setBusy] = useState<Verb | null>(null);
  const offered = VERBS[job.status] ?? [];
  const change = async (verb: Verb) => {
    setBusy(verb);
    try {
      await call(`/v1/fine_tuning/jobs/${job.id}/${verb}`, { method: "POST", tenant: slug });
      toast.success(t(SAID[verb]));
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      setBusy(null);
    }
  };
  // Known as soon as a training has begun.
  const backend = job.graft.effective?.backend;
  const { promised_minutes: promised, late_minutes: late, price } = job.graft;
  const isCredited = price !== null && Number(price.decimal) > 0;
  const facts: [string, React.ReactNode][] = [
    [t("state"), <StateBadge key="state" state={job.status} />],
    [t("created"), <Time key="created" at={job.created_at} form="datetime" />],
    [
      t("finished"),
      job.finished_at === null ? "–" : <Time key="finished" at={job.finished_at} form="datetime" />,
    ],
    [t("base"), job.model],
    [t("seed"), job.seed],
    [t("cost"), <TrainingCost key="cost" cost={costOf(job.status, price, late)} />],
    ...(promised === null
      ? []
      : [[t("promised"), t("promisedMinutes", { minutes: promised })] satisfies [string, string]]),
    ...(backend === undefined ? [] : [[t("backend"), String(backend)] satisfies [string, string]]),
  ];
  return (
    <aside className="grid content-start gap-4">
      <Card title={t("facts")}>
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-2 text-sm">
          {facts.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-ink-3">{name}</dt>
              <dd className="text-right break-words">{value}</dd>
            </div>
          ))}
        </dl>
        {late !== null && (
          <div className="mt-4">
            <Alert tone="warn">
              {t("late", { minutes: late })} {isCredited && t("lateCredit", { percent: LATE_CREDIT_PERCENT })}
            </Alert>
          </div>
        )}
        {mayChange && offered.length > 0 && (
          <div className="mt-4 grid gap-2">
            {offered.map((verb) => (
              <Button
                key={verb}
                variant="secondary"
                onClick={() => change(verb)}
                isLoading={busy === verb}
                disabled={busy !== null}
              >
                {t(verb)}
              </Button>
            ))}
          </div>
        )}
      </Card>
    </aside>
  );
}
