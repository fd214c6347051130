import type { NewEvent } from "@/lib/job-events";
import type { Job } from "@/lib/job-moves";
import { type Held, writeProgress } from "@/lib/job-run";
import { log } from "@/lib/log";
import type { Stage } from "@/lib/ml/contract";
import type { News } from "./messages";

/** Gathers what a child tells and writes it in batches, in order. A database that is away delays it, no more. */
const WRITE_MS = 400;
const BEAT_MS = 2000;
const METRICS_MS = 500;
const TITLES: Record<Stage, string> = {
  preprocess: "Preparing the rows",
  augment: "Augmenting",
  base: "Reading with the pretrained base",
  "fine-tune": "Fine-tuning",
  evaluate: "Evaluating",
  deploy: "Deploying",
};

export type Reporter = ReturnType<typeof createReporter>;

export function createReporter(held: Held, job: Pick<Job, "stages" | "effective">, onLost: () => void) {
  const stages = job.stages.map((stage) => ({ ...stage }));
  let events: NewEvent[] = [];
  let effective: Job["effective"] | undefined;
  let isChanged = false;
  let metricsAt = 0;
  let writing: Promise<void> = Promise.resolve();
  let wroteAt = Date.now();

  const write = async () => {
    const batch = events;
    const hasNews = isChanged || batch.length > 0;
    if (!hasNews && Date.now() - wroteAt < BEAT_MS) return;
    events = [];
    isChanged = false;
    try {
      const isHeld = await writeProgress(held, hasNews ? stages : undefined, batch, effective);
      wroteAt = Date.now();
      if (!isHeld) onLost();
    } catch (error) {
      events = [...batch, ...events];
      isChanged ||= hasNews;
      log().warn({ job: held.id, error: (error as Error).message }, "progress not written; trying again");
    }
  };
  const flush = () => {
    writing = writing.then(write);
    return writing;
  };
  const timer = setInterval(() => void flush(), WRITE_MS);

  const stage = (name: Stage, status: "running" | "done" | "skipped", reason?: string) => {
    const found = stages.find((one) => one.name === name);
    if (!found) return;
    const now = Math.floor(Date.now() / 1000);
    found.status = status;
    found.reason = reason ?? null;
    if (status === "running") found.startedAt = now;
    else Object.assign(found, { finishedAt: now, startedAt: found.startedAt ?? now });
    if (status === "done") found.progress = 1;
    isChanged = true;
    const because = reason ? `: ${reason}` : "";
    const ending = status === "running" ? because : ` ${status}${because}`;
    events.push({ message: `${TITLES[name]}${ending}`, data: { stage: name, status } });
  };

  // Known before the attempt ends, and whatever it ends with.
  const backend = (label: string) => {
    effective = { ...job.effective, backend: label };
    isChanged = true;
  };

  const progress = (news: Extract<News, { kind: "progress" }>) => {
    const found = stages.find((one) => one.name === news.stage);
    if (!found) return;
    found.progress = news.total > 0 ? Math.min(1, Math.max(0, news.done / news.total)) : 0;
    isChanged = true;
    const isLast = news.done >= news.total;
    if (!news.metrics || (!isLast && Date.now() - metricsAt < METRICS_MS)) return;
    metricsAt = Date.now();
    const figures = Object.entries(news.metrics).map(
      ([name, value]) => `${name}=${Number(value.toFixed(4))}`,
    );
    events.push({
      type: "metrics",
      message: `Step ${news.done}/${news.total}: ${figures.join(", ")}`,
      data: { step: news.done, total: news.total, stage: news.stage, ...news.metrics },
    });
  };

  return {
    stages,
    flush,
    stage,
    event: (event: NewEvent) => void events.push(event),
    hear(news: News): void {
      if (news.kind === "backend") backend(news.label);
      else if (news.kind === "stage") stage(news.stage, news.status, news.reason);
      else if (news.kind === "progress") progress(news);
      else if (news.kind === "log")
        events.push({ level: news.level, message: news.message, data: news.data });
    },
    stop: () => clearInterval(timer),
  };
}
