import { and, eq, type SQL, sql } from "drizzle-orm";
import { datasets, datasetVersions, jobs, type StageState } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import type { Dataset, Version } from "./datasets";
import { ERRORS } from "./errors";
import { addEvents, type NewEvent, wakeReaders } from "./job-events";
import { forgetJob } from "./job-files";
import { endStages, type Job, lockJob, MAX_CRASHES, moveJob } from "./job-moves";
import { failProbing, removeModelBlobs } from "./models";

/** The rows of a job that runs. Every write names the attempt, so a worker that lost its job changes nothing. */
export interface Held {
  tenantId: string;
  id: string;
  attempt: number;
}
export interface Claim {
  held: Held;
  job: Job;
  slug: string;
  version: Version;
  validation: Version | null;
  dataset: Dataset;
  /** Models that earlier attempts left half-way in storage. */
  leftIds: string[];
}

/** Takes the job that a pointer names; null when it is not waiting, not at that attempt, or not this tenant's. */
export async function claimJob(pointer: Held): Promise<Claim | null> {
  const { tenantId, id, attempt } = pointer;
  return forTenant(tenantId, async (tx) => {
    const before = await lockJob(tx, id);
    if (before?.state !== "queued" || before.attempt !== attempt || !before.versionId) return null;
    const version = await tx.one(datasetVersions, eq(datasetVersions.id, before.versionId));
    const validation = before.validationVersionId
      ? await tx.one(datasetVersions, eq(datasetVersions.id, before.validationVersionId))
      : null;
    const dataset = version && (await tx.one(datasets, eq(datasets.id, version.datasetId)));
    const [tenant] = await tx.query<{ slug: string }>(sql`select slug from tenants where id = ${tenantId}`);
    if (!version || !dataset || validation === undefined || !tenant) return null;
    const job = await moveJob(tx, { id, attempt }, "running", {
      attempt: attempt + 1,
      heartbeatAt: new Date(),
      startedAt: before.startedAt ?? new Date(),
      modelId: null,
      // A deployment under the promised id was cut off: what an orphan still writes there must not meet ours.
      promisedModelId: before.modelId ? null : before.promisedModelId,
      stages: before.stages.map((stage) => ({
        ...stage,
        status: "pending",
        reason: null,
        startedAt: null,
        finishedAt: null,
        progress: 0,
      })),
    });
    if (!job) return null;
    const left = await failProbing(tx, id);
    const again = attempt > 0 ? ` (attempt ${attempt + 1})` : "";
    await addEvents(tx, id, [{ message: `Fine-tuning job started${again}` }]);
    const held = { tenantId, id, attempt: attempt + 1 };
    const leftIds = [...new Set(before.modelId ? [...left, before.modelId] : left)];
    return { held, job, slug: tenant.slug, version, validation, dataset, leftIds };
  });
}

const mine = (held: Held) =>
  and(eq(jobs.id, held.id), eq(jobs.attempt, held.attempt), eq(jobs.state, "running")) as SQL;

/** Says that the attempt lives; with what it did, when there is something. False: it holds the job no more. */
export async function writeProgress(
  held: Held,
  stages?: StageState[],
  events: readonly NewEvent[] = [],
  effective?: Job["effective"],
): Promise<boolean> {
  const isHeld = await forTenant(held.tenantId, async (tx) => {
    const set = {
      heartbeatAt: new Date(),
      ...(stages ? { stages } : {}),
      ...(effective ? { effective } : {}),
    };
    if ((await tx.update(jobs, set, mine(held))).length === 0) return false;
    await addEvents(tx, held.id, events);
    return true;
  });
  if (isHeld && (stages || events.length > 0)) await wakeReaders(held.id);
  return isHeld;
}

/** Runs `work` while the job's row is locked and still ours; undefined when it is not. */
export async function whileHeld<R>(held: Held, work: (tx: TenantTx, job: Job) => Promise<R>) {
  return forTenant(held.tenantId, async (tx) => {
    const job = await lockJob(tx, held.id);
    if (job?.state !== "running" || job.attempt !== held.attempt) return undefined;
    return work(tx, job);
  });
}

export async function failJob(
  held: Held,
  refusal: { code: string; message: string; param: string | null },
): Promise<void> {
  await whileHeld(held, async (tx, job) => {
    await moveJob(tx, held, "failed", {
      errorCode: refusal.code,
      errorMessage: refusal.message,
      errorParam: refusal.param,
      stages: endStages(job.stages, "failed"),
    });
    await failProbing(tx, held.id);
    await addEvents(tx, held.id, [
      { level: "error", message: refusal.message, data: { code: refusal.code } },
    ]);
  });
  await wakeReaders(held.id);
}

/** The worker stops in order: the job waits again, and this attempt is not counted against it. */
export async function releaseJob(held: Held): Promise<void> {
  await whileHeld(held, async (tx) => {
    await moveJob(tx, held, "queued", { enqueuedAt: null, heartbeatAt: null });
    await addEvents(tx, held.id, [{ message: "The worker restarts; the job waits for it" }]);
  });
  await wakeReaders(held.id);
}

/** The attempt ended without an answer. */
export async function crashJob(held: Held, end: Crash = "unknown"): Promise<void> {
  const left = await whileHeld(held, async (tx, job) => {
    const crashes = job.crashes + 1;
    await moveJob(tx, held, "queued", { enqueuedAt: null, heartbeatAt: null, crashes });
    return afterCrash(tx, { ...job, crashes }, end);
  });
  for (const id of left ?? []) await removeModelBlobs(held.tenantId, id);
  await wakeReaders(held.id);
}

/** What is known of the end of an attempt. Memory that was too little is tried once more: it may have been others'. */
type Crash = keyof typeof CRASHES;
const CRASHES = {
  unknown: {
    most: MAX_CRASHES,
    again: "The training stopped unexpectedly; it starts again",
    code: "job_failed",
    last: (crashes: number) =>
      `The training stopped ${crashes} times for a reason of ours. It is not billed; order it again later.`,
  },
  out_of_memory: {
    most: 2,
    again: "The training ran out of memory; it starts again",
    code: "out_of_memory",
    last: () => ERRORS.out_of_memory[2],
  },
} as const;

/**
 * Another attempt, or, after the last one, the end. For a job that is `queued` again. Answers the models that were
 * left half-way and that no attempt will clear away.
 */
async function afterCrash(tx: TenantTx, job: Job, end: Crash): Promise<string[]> {
  const { most, again, code, last } = CRASHES[end];
  if (job.crashes < most) {
    await addEvents(tx, job.id, [{ level: "warn", message: again, data: { crashes: job.crashes } }]);
    return [];
  }
  const message = last(job.crashes);
  await moveJob(tx, { id: job.id }, "failed", {
    errorCode: code,
    errorMessage: message,
    stages: endStages(job.stages, "failed"),
  });
  const left = await failProbing(tx, job.id);
  await addEvents(tx, job.id, [{ level: "error", message }]);
  return job.modelId ? [...left, job.modelId] : left;
}

/** After the sweep moved a job whose worker went silent. */
export async function noteStalled(tenantId: string, id: string): Promise<void> {
  const { left, isOver } = await forTenant(tenantId, async (tx) => {
    const job = await lockJob(tx, id);
    const left = job?.state === "queued" ? await afterCrash(tx, job, "unknown") : [];
    return { left, isOver: (job?.crashes ?? 0) >= MAX_CRASHES };
  });
  for (const modelId of left) await removeModelBlobs(tenantId, modelId);
  if (isOver) await forgetJob(tenantId, id);
  await wakeReaders(id);
}
