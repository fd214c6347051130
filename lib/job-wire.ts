import { queuePosition } from "@/db/system";
import { env } from "./env";
import { askedHyperparameters } from "./hyperparameters";
import type { JobBody } from "./job-body";
import { isFinal, type Job } from "./job-moves";
import { listProvisional, modelName } from "./models";
import { unix, unixOrNull } from "./unix";

/** A job as clients see it: OpenAI's keys, all of them always there, and our own under `graft`. */
interface Place {
  slug: string;
  /** 1 is next; null unless queued. */
  position: number | null;
  /** The name of the model that answers while a better one is fitted. */
  provisional: string | null;
}

function jobToWire(job: Job, { slug, position, provisional }: Place) {
  // Numbers once it has run.
  const hyperparameters =
    job.effective?.hyperparameters ?? askedHyperparameters(job.asked as Partial<JobBody>);
  const current = job.stages.find((stage) => stage.status === "running")?.name ?? null;
  const isDone = job.state === "succeeded" && job.modelId !== null;
  return {
    object: "fine_tuning.job" as const,
    id: job.id,
    model: job.base,
    created_at: unix(job.createdAt),
    finished_at: unixOrNull(job.finishedAt),
    fine_tuned_model: isDone && job.modelId ? modelName(job.base, slug, job.suffix, job.modelId) : null,
    organization_id: job.tenantId,
    result_files: [],
    status: job.state,
    training_file: job.trainingFileId,
    validation_file: job.validationFileId,
    hyperparameters,
    method: { type: "supervised" as const, supervised: { hyperparameters } },
    trained_tokens: job.trainedTokens,
    seed: job.seed,
    estimated_finish: null,
    integrations: [],
    metadata: job.metadata,
    // Never an empty object: strict clients break on it.
    error: job.errorCode
      ? { code: job.errorCode, message: job.errorMessage ?? "", param: job.errorParam }
      : null,
    user_provided_suffix: job.suffix,
    graft: {
      task: job.task,
      dataset_version: job.versionId,
      attempt: job.attempt,
      started_at: unixOrNull(job.startedAt),
      effective: job.effective,
      promised_minutes: job.promisedMinutes,
      late_minutes: job.lateMinutes,
      price: job.priceDecimal === null ? null : { decimal: job.priceDecimal, currency: job.priceCurrency },
      stage: isFinal(job.state) ? null : current,
      stages: job.stages.map(({ startedAt, finishedAt, ...stage }) => ({
        ...stage,
        started_at: startedAt,
        finished_at: finishedAt,
      })),
      queue:
        position === null
          ? null
          : { position, reason: reasonOf(job, position), start_p50: null, start_p90: null },
      provisional_model: provisional,
      model_id: isDone ? job.modelId : null,
      report_url: `${env().publicUrl}/${slug}/jobs/${job.id}`,
    },
  };
}

function reasonOf(job: Job, position: number): string {
  if (job.crashes > 0) return "The worker stopped; the job starts again.";
  if (position > 1) return `${position - 1} ${position === 2 ? "job is" : "jobs are"} ahead of it.`;
  return "It starts when a training place is free.";
}

export type JobWire = ReturnType<typeof jobToWire>;

type Owner = { tenantId: string; slug: string };

/** With their places in the queue, which takes a look over all tenants' jobs. */
export async function wireJobs({ tenantId, slug }: Owner, jobs: readonly Job[]): Promise<JobWire[]> {
  const ids = jobs.map((job) => job.id);
  const provisional = await listProvisional(tenantId, ids);
  const wired = jobs.map(async (job) => {
    const position = job.state === "queued" ? await queuePosition(tenantId, job.id) : null;
    const first = provisional.find((model) => model.jobId === job.id);
    return jobToWire(job, { slug, position, provisional: first?.name ?? null });
  });
  return Promise.all(wired);
}

export async function wireJob(owner: Owner, job: Job): Promise<JobWire> {
  const [wire] = await wireJobs(owner, [job]);
  return wire as JobWire;
}
