import { eq } from "drizzle-orm";
import { deployments } from "@/db/schema/serving";
import { jobs } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import { actorOfId } from "./audit";
import { assertDeploymentName, createDeployment, promote } from "./deployment-changes";
import { findDeployment } from "./deployments";
import { AppError, fail } from "./errors";
import type { JobBody } from "./job-body";
import { addEvents, wakeReaders } from "./job-events";
import { type Job, lockJob } from "./job-moves";

/**
 * An order may name the deployment that its model shall answer under. When the model is there the name is made, or the model
 * promoted as by hand: it must pass the saved examples first. What became of it is written down once, with the job.
 */
const nameIn = ({ asked }: Pick<Job, "asked">): string | undefined =>
  (asked as Partial<JobBody>).graft?.deployment;

/** Refuses an order whose model could never answer under that name. */
export async function assertDeployable(tx: TenantTx, name: string, task: string): Promise<void> {
  assertDeploymentName(name, "graft.deployment");
  const known = await tx.one(deployments, eq(deployments.name, name));
  if (known && known.task !== task)
    fail(
      "task_unsupported",
      `\`${name}\` answers the task \`${known.task}\`; this order is for \`${task}\`. Name another deployment.`,
      "graft.deployment",
    );
}

/** Whoever comes first, a second time changes nothing: after the success, and by the sweep when that was cut off. */
export async function deployFrom(tenantId: string, jobId: string): Promise<void> {
  const job = await forTenant(tenantId, (tx) => tx.one(jobs, eq(jobs.id, jobId)));
  const name = job && nameIn(job);
  if (!job || name === undefined || job.state !== "succeeded" || !job.modelId || isSettled(job)) return;
  const problem = await answerUnder(job, name, job.modelId);
  await forTenant(tenantId, async (tx) => {
    const now = await lockJob(tx, jobId);
    if (!now || isSettled(now)) return;
    const deployment = { name, answers: problem === null, reason: problem };
    await tx.update(jobs, { effective: { ...now.effective, deployment } }, eq(jobs.id, jobId));
    await addEvents(tx, jobId, [
      problem === null
        ? { message: `The model answers under ${name}`, data: { deployment: name } }
        : { level: "warn", message: `${name} goes on as it was: ${problem}`, data: { deployment: name } },
    ]);
  });
  await wakeReaders(jobId);
}

const isSettled = ({ effective }: Job): boolean => effective?.deployment !== undefined;

/** Null when it answers; else why not, for people. */
async function answerUnder(
  { tenantId, createdBy }: Job,
  name: string,
  model: string,
): Promise<string | null> {
  const by = { tenantId, ...actorOfId(createdBy) };
  try {
    const known = await findDeployment(tenantId, name);
    if (!known) await createDeployment(by, { name, model });
    else if (known.model.id !== model) await promote(by, name, { model });
    return null;
  } catch (error) {
    // What is no answer of ours is tried again by the sweep.
    if (!(error instanceof AppError) || error.status >= 500) throw error;
    // Somebody else did the same meanwhile: the worker and the sweep, or a person.
    const now = await findDeployment(tenantId, name);
    return now?.model.id === model ? null : error.message;
  }
}
