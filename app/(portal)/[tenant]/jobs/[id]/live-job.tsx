"use client";
import clsx from "clsx";
import { Check, CircleDashed, LoaderCircle, Minus } from "lucide-react";
import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { toast } from "sonner";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { Progress } from "@/components/progress";
import { Time } from "@/components/time";
import { useErrorText } from "@/components/use-error-text";
import type { JobWire } from "@/lib/job-wire";
import { useRefusalText, useSaid } from "../../said";
import { StateBadge } from "../../state-badge";

type Stage = JobWire["graft"]["stages"][number];
interface Entry {
  id: string;
  seq: number;
  created_at: number;
  level: string;
  message: string;
}
const TEXT_TONES: Record<string, string> = { error: "text-bad", warn: "text-warn" };
const FINAL = ["succeeded", "failed", "cancelled"];

/** The job as it is now: the page's own rows first, then what the server sends while it runs. */
export function LiveJob(props: {
  slug: string;
  initialJob: JobWire;
  initialEvents: Entry[];
  mayCancel: boolean;
}) {
  const { slug, initialJob, initialEvents, mayCancel } = props;
  const [job, setJob] = useState(initialJob);
  const [events, setEvents] = useState(initialEvents);
  const isOpen = !FINAL.includes(job.status);
  useEffect(() => {
    if (FINAL.includes(initialJob.status)) return;
    const source = new EventSource(
      `/api/jobs/${initialJob.id}/live?graft_tenant=${encodeURIComponent(slug)}`,
    );
    source.addEventListener("job", (event) => {
      const next = JSON.parse((event as MessageEvent<string>).data) as JobWire;
      setJob(next);
      if (FINAL.includes(next.status)) source.close();
    });
    source.addEventListener("entry", (event) => {
      const { data, lastEventId } = event as MessageEvent<string>;
      const entry = { ...(JSON.parse(data) as Entry), seq: Number(lastEventId) };
      setEvents((all) => (all.some((one) => one.id === entry.id) ? all : [...all, entry]));
    });
    return () => source.close();
  }, [initialJob.id, initialJob.status, slug]);
  return (
    <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="grid content-start gap-4">
        <Outcome slug={slug} job={job} />
        <Stages stages={job.graft.stages} />
        <Events events={events} />
      </div>
      <Facts slug={slug} job={job} canCancel={isOpen && mayCancel} />
    </div>
  );
}

function Outcome({ slug, job }: { slug: string; job: JobWire }) {
  const t = useTranslations("portal.jobs");
  const say = useSaid();
  const refusalText = useRefusalText();
  if (job.status === "succeeded")
    return (
      <Alert tone="good" title={t("done")}>
        <p className="font-mono text-xs break-all">{job.fine_tuned_model}</p>
        <p className="mt-2 flex flex-wrap gap-2">
          <Button asChild size="sm">
            <Link href={`/${slug}/models/${job.graft.model_id}`}>{t("seeModel")}</Link>
          </Button>
          <Button asChild size="sm" variant="secondary">
            <Link href={`/${slug}/console?model=${encodeURIComponent(job.fine_tuned_model ?? "")}`}>
              {t("tryModel")}
            </Link>
          </Button>
        </p>
      </Alert>
    );
  if (job.error)
    return (
      <Alert tone="bad" title={t("failed")}>
        {refusalText(job.error.code, job.error.message)} <code className="text-xs">{job.error.code}</code>
      </Alert>
    );
  if (job.graft.queue)
    return (
      <Alert tone="info" title={t("position", { position: job.graft.queue.position })}>
        {say(job.graft.queue.reason)}
      </Alert>
    );
  return null;
}

const ICONS = {
  pending: <CircleDashed className="text-ink-3 size-4.5" />,
  running: <LoaderCircle className="text-info animate-spin-slow size-4.5" />,
  done: <Check className="text-good size-4.5" />,
  skipped: <Minus className="text-ink-3 size-4.5" />,
};

function Stages({ stages }: { stages: readonly Stage[] }) {
  const t = useTranslations("portal.stages");
  const say = useSaid();
  const format = useFormatter();
  return (
    <Card title={t("title")} isFlush>
      <ol className="divide-y" aria-label={t("title")}>
        {stages.map((stage) => (
          <li
            key={stage.name}
            className="flex items-start gap-3 px-4 py-3 sm:px-5"
            data-stage={stage.name}
            data-status={stage.status}
          >
            <span aria-hidden className="mt-0.5">
              {ICONS[stage.status]}
            </span>
            <div className="min-w-0 flex-1">
              <p className="text-sm font-medium">
                {t(`names.${stage.name}` as Parameters<typeof t>[0])}
                <span className="text-ink-3 ml-2 text-xs font-normal">{t(`status.${stage.status}`)}</span>
              </p>
              <p className="text-ink-3 text-xs">
                {stage.reason ? say(stage.reason) : t(`texts.${stage.name}` as Parameters<typeof t>[0])}
              </p>
              {stage.status === "running" && stage.progress > 0 && (
                <div className="mt-2">
                  <Progress
                    value={stage.progress}
                    label={t(`names.${stage.name}` as Parameters<typeof t>[0])}
                  />
                </div>
              )}
            </div>
            {stage.started_at !== null && stage.finished_at !== null && (
              <span className="figures text-ink-3 text-xs">
                {t("seconds", {
                  seconds: format.number(Math.max(0, stage.finished_at - stage.started_at)),
                })}
              </span>
            )}
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Events({ events }: { events: readonly Entry[] }) {
  const say = useSaid();
  const t = useTranslations("portal.jobs");
  const latest = [...events].sort((a, b) => b.seq - a.seq);
  return (
    <Card title={t("events")} isFlush>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <ol className="max-h-96 divide-y overflow-y-auto" aria-label={t("events")} tabIndex={0}>
        {latest.map((event) => (
          <li key={event.id} className="flex gap-3 px-4 py-2 text-sm sm:px-5">
            <span className="text-ink-3 w-24 shrink-0 text-xs leading-5 sm:w-32">
              <Time at={event.created_at} />
            </span>
            <span className={clsx("min-w-0 break-words", TEXT_TONES[event.level])}>{say(event.message)}</span>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Facts({ slug, job, canCancel }: { slug: string; job: JobWire; canCancel: boolean }) {
  const t = useTranslations("portal.jobs");
  const errorText = useErrorText();
  const [isBusy, setIsBusy] = useState(false);
  const cancel = async () => {
    setIsBusy(true);
    try {
      await call(`/v1/fine_tuning/jobs/${job.id}/cancel`, { method: "POST", tenant: slug });
      toast.success(t("cancelling"));
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      setIsBusy(false);
    }
  };
  // Known when the job has succeeded.
  const backend = job.graft.effective?.backend;
  const facts: [string, React.ReactNode][] = [
    [t("state"), <StateBadge key="state" state={job.status} />],
    [t("created"), <Time key="created" at={job.created_at} form="datetime" />],
    [
      t("finished"),
      job.finished_at === null ? "–" : <Time key="finished" at={job.finished_at} form="datetime" />,
    ],
    [t("base"), job.model],
    [t("seed"), job.seed],
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
        {canCancel && (
          <Button variant="secondary" className="mt-4 w-full" onClick={cancel} isLoading={isBusy}>
            {t("cancel")}
          </Button>
        )}
      </Card>
    </aside>
  );
}
