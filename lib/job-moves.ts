import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import { jobs, type StageState } from "@/db/schema/work";
import type { TenantTx } from "@/db/tenant";
import { emitEvent } from "./webhook-events";

export type Job = typeof jobs.$inferSelect;
export type JobState = Job["state"];

/** The lifecycle of a job; nothing else moves one. `sweep_jobs` in the database makes the one move back. */
export const MOVES: Record<JobState, readonly JobState[]> = {
  validating_files: ["queued", "failed", "cancelled"],
  queued: ["running", "paused", "failed", "cancelled"],
  // Back to `queued` when its worker is gone or stops: another attempt, until the limit.
  running: ["queued", "paused", "succeeded", "failed", "cancelled"],
  paused: ["queued", "cancelled"],
  succeeded: [],
  failed: [],
  cancelled: [],
};
export const STATES = Object.keys(MOVES) as JobState[];
export const isFinal = (state: JobState) => MOVES[state].length === 0;
/** States in which a job may still need its files. The index `jobs_open` and `db/system.ts` name the same. */
export const OPEN_STATES = STATES.filter((state) => !isFinal(state));
/** Something changes without anybody's doing. */
export const isMoving = (state: JobState) => !isFinal(state) && state !== "paused";

/** Attempts that may end without an answer before the job is failed. */
export const MAX_CRASHES = 3;

/** Locks the job's row until the transaction ends. */
export async function lockJob(tx: TenantTx, id: string): Promise<Job | undefined> {
  await tx.query(sql`select 1 from jobs where tenant_id = ${tx.tenantId} and id = ${id} for update`);
  return tx.one(jobs, eq(jobs.id, id));
}

/**
 * Compare-and-set: moves the job if its state allows that, and, with an attempt given, if that attempt still
 * holds it. Undefined means it did not move, and nothing was written.
 */
export async function moveJob(
  tx: TenantTx,
  job: { id: string; attempt?: number },
  to: JobState,
  set: Partial<Omit<Job, "tenantId" | "id" | "state">> = {},
): Promise<Job | undefined> {
  const from = STATES.filter((state) => MOVES[state].includes(to));
  const where = and(
    eq(jobs.id, job.id),
    inArray(jobs.state, from),
    job.attempt === undefined ? undefined : eq(jobs.attempt, job.attempt),
  ) as SQL;
  const finishedAt = isFinal(to) ? { finishedAt: new Date() } : {};
  const [moved] = await tx.update(jobs, { ...set, ...finishedAt, state: to }, where);
  if (moved && (to === "succeeded" || to === "failed" || to === "cancelled"))
    await emitEvent(tx, `fine_tuning.job.${to}`, { id: job.id });
  return moved;
}

const PAUSED = "paused";
/** A job that waits for a person shows how far it was. */
export const pauseStages = (stages: readonly StageState[]): StageState[] =>
  stages.map((stage) =>
    stage.status === "running" ? { ...stage, status: "pending", reason: PAUSED } : stage,
  );
export const resumeStages = (stages: readonly StageState[]): StageState[] =>
  stages.map((stage) => (stage.reason === PAUSED ? { ...stage, reason: null } : stage));

/** A job that ended early has no running stage. */
export function endStages(stages: readonly StageState[], reason: string): StageState[] {
  return stages.map((stage) =>
    stage.status === "running"
      ? { ...stage, status: "skipped", reason, finishedAt: Math.floor(Date.now() / 1000) }
      : stage,
  );
}
