import { randomInt } from "node:crypto";
import { and, desc, eq, gt, isNull, lt, type SQL, sql } from "drizzle-orm";
import { datasets, datasetVersions, files, jobs, type StageState } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import { actorId } from "./audit";
import { sheetsById } from "./billed-periods";
import { assertWithinBudget } from "./budgets";
import { canonical } from "./canonical";
import { assertColumns, type Version } from "./datasets";
import { fail } from "./errors";
import { type File, holdFile } from "./files";
import { createId } from "./id";
import { ADMIT_TOPIC, advanceJob, refusalOf } from "./job-advance";
import { type JobBody, type Order, orderOf } from "./job-body";
import { assertDeployable } from "./job-deployments";
import { addEvents, wakeReaders } from "./job-events";
import { forgetJob } from "./job-files";
import { endStages, isFinal, type Job, lockJob, moveJob, pauseStages, resumeStages } from "./job-moves";
import { held, promiseFor, unheld } from "./late-trainings";
import { STAGES } from "./ml/contract";
import { failProbing, removeModelBlobs } from "./models";
import { publishWakeup } from "./queue";
import type { Actor } from "./session";
import { adapterProblem, taskOf } from "./tasks";
import { assertAffordable, priceNow } from "./training-price";

export type { Job } from "./job-moves";
export { wireJob, wireJobs } from "./job-wire";

/** Orders for a training, and what became of them. */
export interface Hints {
  /** `x-stainless-retry-count` above zero: the client may have lost our answer to the first try. */
  isRetry?: boolean;
  idempotencyKey?: string | undefined;
  /** The model that the new one is to be shown beside. */
  previousModelId?: string;
  /** An adapter that was brought along: the id under which its files lie already, and what it changes. */
  imported?: { id: string; adapter: { rank: number; targets: string[] } };
}
const RETRY_WINDOW_MS = 60_000;

const pending = (): StageState[] =>
  STAGES.map((name) => ({
    name,
    status: "pending",
    reason: null,
    startedAt: null,
    finishedAt: null,
    progress: 0,
  }));

export async function createJob(
  actor: Actor,
  body: JobBody,
  hints: Hints = {},
): Promise<{ job: Job; isReplay: boolean }> {
  const order = orderOf(body);
  const sheets = await sheetsById();
  const made = await forTenant(actor.tenantId, async (tx) => {
    // Two tries of one request stand in line here, so the second finds what the first made.
    await tx.query(sql`select pg_advisory_xact_lock(hashtext(${`orders.${actor.tenantId}`}))`);
    const earlier = await findEarlier(tx, actor, body, hints);
    if (earlier) return { job: earlier, isReplay: true };
    if (actor.state === "past_due") fail("payment_overdue");
    const cost = await priceNow(tx, sheets, new Date());
    assertAffordable(cost, body.graft?.max_price_minor);
    await assertWithinBudget(tx, sheets, new Date(), cost?.decimal ?? "0");
    const price = { priceDecimal: cost?.decimal ?? null, priceCurrency: cost?.currency ?? null };
    return { job: await insertJob(tx, actor, body, { ...order, price }, hints), isReplay: false };
  });
  if (made.isReplay) return made;
  await advanceJob(actor.tenantId, made.job.id);
  return { job: await getJob(actor.tenantId, made.job.id), isReplay: false };
}

async function findEarlier(
  tx: TenantTx,
  actor: Actor,
  body: JobBody,
  hints: Hints,
): Promise<Job | undefined> {
  const wanted = canonical(body);
  if (hints.idempotencyKey) {
    const same = await tx.one(jobs, eq(jobs.idempotencyKey, hints.idempotencyKey));
    if (same && canonical(same.asked) !== wanted) fail("idempotency_mismatch");
    return same;
  }
  if (!hints.isRetry) return undefined;
  const recent = and(
    eq(jobs.createdBy, actorId(actor)),
    eq(jobs.trainingFileId, body.training_file),
    gt(jobs.createdAt, new Date(Date.now() - RETRY_WINDOW_MS)),
  );
  const found = await tx.select(jobs, recent, { orderBy: desc(jobs.id) });
  return found.find((job) => canonical(job.asked) === wanted);
}

async function insertJob(
  tx: TenantTx,
  actor: Actor,
  body: JobBody,
  order: Order & { price: Pick<Job, "priceDecimal" | "priceCurrency"> },
  hints: Hints,
): Promise<Job> {
  const frozen = order.versionId ? await frozenRows(tx, order.versionId, body.training_file) : null;
  const columns = frozen?.columns ?? order.columns;
  const task = frozen?.task ?? order.task;
  const training = await usableFile(tx, body.training_file, "training_file", { ...order, task, columns });
  if (body.validation_file) {
    if (body.validation_file === body.training_file)
      fail("invalid_request", "The validation file must be another file.", "validation_file");
    await usableFile(tx, body.validation_file, "validation_file", { ...order, columns: undefined });
  }
  const learnt = taskOf(task ?? training.profile?.guess.task);
  const { id: taskId } = learnt;
  const noAdapter = hints.imported ? adapterProblem(learnt) : null;
  if (noAdapter) fail("task_unsupported", noAdapter, "training_file");
  const deployment = body.graft?.deployment;
  if (deployment !== undefined) {
    if (!actor.permissions.has("models.deploy")) fail("permission_denied", undefined, "graft.deployment");
    await assertDeployable(tx, deployment, taskId);
  }
  const [job] = await tx.insert(jobs, {
    id: hints.imported?.id ?? createId("job"),
    versionId: frozen?.id ?? null,
    trainingFileId: body.training_file,
    validationFileId: body.validation_file ?? null,
    task: taskId,
    base: order.base,
    suffix: body.suffix ?? null,
    seed: body.seed ?? randomInt(2 ** 31),
    asked: body,
    effective: {
      recipe: order.recipe,
      refit: order.refit,
      budget_minutes: order.budgetMinutes,
      precision: order.precision,
      ...(hints.imported ? { adapter: hints.imported.adapter } : {}),
    },
    metadata: body.metadata ?? null,
    ...order.price,
    promisedMinutes: frozen && !hints.imported ? await promiseFor(tx, frozen.id, order) : null,
    state: "validating_files",
    stages: pending(),
    idempotencyKey: hints.idempotencyKey ?? null,
    previousModelId: hints.previousModelId ?? null,
    createdBy: actorId(actor),
  });
  if (!job) fail("internal_error");
  await addEvents(tx, job.id, [
    { message: `Created fine-tuning job: ${job.id}` },
    { message: `Validating training file: ${body.training_file}` },
  ]);
  return job;
}

/** A version of the training file's rows, with the task that it was made for. */
async function frozenRows(tx: TenantTx, id: string, fileId: string): Promise<Version & { task: string }> {
  const where = and(eq(datasetVersions.id, id), eq(datasetVersions.fileId, fileId)) as SQL;
  const version = await tx.one(datasetVersions, where);
  const dataset = version && (await tx.one(datasets, eq(datasets.id, version.datasetId)));
  if (!dataset) fail("not_found", undefined, "graft.dataset_version");
  return { ...version, task: dataset.task };
}

/** The file of an order, held against deletion; refuses what its check has already found out. */
async function usableFile(tx: TenantTx, id: string, param: string, order: Order): Promise<File> {
  if (!(await holdFile(tx, id))) fail("not_found", undefined, param);
  const file = (await tx.one(files, eq(files.id, id))) ?? fail("not_found", undefined, param);
  const { columns } = order;
  // A file that failed with what was guessed of it may be fine with the task or the columns that a person names.
  const guess = file.profile?.guess;
  const isOther = order.task !== undefined && order.task !== guess?.task;
  const isRescued = guess && (isOther || (columns && canonical(columns) !== canonical(guess.columns)));
  if (file.status === "error" && !isRescued)
    fail("invalid_training_file", refusalOf(file, param).message, param);
  const known = file.profile?.columns.map((column) => column.name) ?? null;
  if (columns) assertColumns(taskOf(order.task ?? guess?.task), columns, known, "graft.columns");
  return file;
}

export async function getJob(tenantId: string, id: string): Promise<Job> {
  return (await forTenant(tenantId, (tx) => tx.one(jobs, eq(jobs.id, id)))) ?? fail("not_found");
}

/** True also for a job that is not there. */
export async function hasEnded(tenantId: string, id: string): Promise<boolean> {
  const job = await forTenant(tenantId, (tx) => tx.one(jobs, eq(jobs.id, id)));
  return job === undefined || isFinal(job.state);
}

/** Newest first. `metadata` null asks for jobs that have none. */
export async function listJobs(
  tenantId: string,
  page: {
    after?: string | undefined;
    limit: number;
    metadata?: Record<string, string> | null | undefined;
  },
): Promise<{ data: Job[]; hasMore: boolean }> {
  const where = and(
    page.after ? lt(jobs.id, page.after) : undefined,
    page.metadata === null ? isNull(jobs.metadata) : undefined,
    page.metadata ? (sql`${jobs.metadata} @> ${JSON.stringify(page.metadata)}::jsonb` as SQL) : undefined,
  );
  const found = await forTenant(tenantId, (tx) =>
    tx.select(jobs, where, { orderBy: desc(jobs.id), limit: page.limit + 1 }),
  );
  return { data: found.slice(0, page.limit), hasMore: found.length > page.limit };
}

/**
 * Cancelled at once and for good, whatever became of its worker: the fencing token stops a running attempt
 * at its next write, and the worker, which looks every second or two, stops the child.
 */
export async function cancelJob(actor: Actor, id: string): Promise<Job> {
  const { tenantId } = actor;
  const { job, left } = await forTenant(tenantId, async (tx) => {
    const found = (await lockJob(tx, id)) ?? fail("not_found");
    if (isFinal(found.state)) fail("state_conflict", `The job is ${found.state}; it cannot be cancelled.`);
    const moved = await moveJob(tx, { id }, "cancelled", {
      cancelRequestedAt: new Date(),
      stages: endStages(found.stages, "cancelled"),
    });
    const left = await failProbing(tx, id);
    await addEvents(tx, id, [{ level: "warn", message: "Job cancelled" }]);
    return { job: moved ?? fail("state_conflict"), left };
  });
  for (const modelId of new Set(job.modelId ? [...left, job.modelId] : left))
    await removeModelBlobs(tenantId, modelId);
  // Its child may still write for a second; the worker that ends it looks again.
  await forgetJob(tenantId, id);
  await wakeReaders(id);
  return job;
}

/**
 * Paused at once, like a cancelled job; the worker stops the child at a checkpoint within seconds. It keeps its
 * rows, its provisional model and how far it was, and takes no place until somebody resumes it.
 */
export async function pauseJob(actor: Actor, id: string): Promise<Job> {
  const job = await forTenant(actor.tenantId, async (tx) => {
    const found = (await lockJob(tx, id)) ?? fail("not_found");
    const moved = await moveJob(tx, { id }, "paused", {
      enqueuedAt: null,
      heartbeatAt: null,
      ...held(found, new Date()),
      stages: pauseStages(found.stages),
    });
    if (!moved) fail("state_conflict", `The job is ${found.state}; it cannot be paused.`);
    await addEvents(tx, id, [{ message: "Job paused" }]);
    return moved;
  });
  await Promise.all([wakeReaders(id), publishWakeup(ADMIT_TOPIC)]);
  return job;
}

/** Waits for a place again; the next attempt goes on from the last checkpoint. */
export async function resumeJob(actor: Actor, id: string): Promise<Job> {
  const job = await forTenant(actor.tenantId, async (tx) => {
    const found = (await lockJob(tx, id)) ?? fail("not_found");
    // A running job may move to `queued` too, but not on a person's word.
    if (found.state !== "paused") fail("state_conflict", `The job is ${found.state}; it is not paused.`);
    const moved = await moveJob(tx, { id }, "queued", {
      ...unheld(found, new Date()),
      stages: resumeStages(found.stages),
    });
    await addEvents(tx, id, [{ message: "Job resumed" }, { message: "Waiting for a place to train" }]);
    return moved ?? fail("state_conflict");
  });
  await Promise.all([wakeReaders(id), publishWakeup(ADMIT_TOPIC)]);
  return job;
}
