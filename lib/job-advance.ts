import { eq } from "drizzle-orm";
import { datasetVersions, files, jobs } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import { insertVersion, sendBuild, type Version } from "./datasets";
import { AppError } from "./errors";
import type { File } from "./files";
import { loraProblem, orderedOf } from "./hyperparameters";
import type { JobBody } from "./job-body";
import { addEvents, wakeReaders } from "./job-events";
import { forgetJob } from "./job-files";
import { type Job, lockJob, moveJob } from "./job-moves";
import type { ColumnMap } from "./ml/contract";
import { publishWakeup } from "./queue";
import { adapterProblem, precisionProblem, recipeProblem, taskOf } from "./tasks";

/**
 * The step from `validating_files` on: files read, versions frozen, then `queued`. Safe to call at any time,
 * by anybody: after an order, after a check, and by the sweep.
 */
interface Refusal {
  code: string;
  message: string;
  param: string;
}
type Settled = { version: Version } | { wait: Version | null } | { refusal: Refusal };

export const ADMIT_TOPIC = "admit";

export async function advanceJob(tenantId: string, id: string): Promise<void> {
  const builds: Version[] = [];
  const moved = await forTenant(tenantId, (tx) => step(tx, id, builds));
  for (const version of builds) await sendBuild(tenantId, version);
  if (!moved) return;
  await wakeReaders(id);
  if (moved.state === "failed") await forgetJob(tenantId, id);
  if (moved.state === "queued") await publishWakeup(ADMIT_TOPIC);
}

async function step(tx: TenantTx, id: string, builds: Version[]): Promise<Job | undefined> {
  const found = await lockJob(tx, id);
  if (found?.state !== "validating_files") return undefined;
  const job = await withTask(tx, found);
  const problem = problemOf(job);
  if (problem) return refuse(tx, job, problem);
  const asked = (job.asked as Asked).graft?.columns;
  const training = await settle(tx, job, "training", job.trainingFileId, asked, null);
  if ("refusal" in training) return refuse(tx, job, training.refusal);
  const version = "version" in training ? training.version : training.wait;
  if (!version) return undefined;
  if (job.versionId !== version.id) await tx.update(jobs, { versionId: version.id }, eq(jobs.id, id));
  builds.push(version);
  if (job.validationFileId) {
    const columns = asked ?? version.columns;
    const validation = await settle(tx, job, "validation", job.validationFileId, columns, version);
    if ("refusal" in validation) return refuse(tx, job, validation.refusal);
    const checked = "version" in validation ? validation.version : validation.wait;
    if (checked && job.validationVersionId !== checked.id)
      await tx.update(jobs, { validationVersionId: checked.id }, eq(jobs.id, id));
    if (checked) builds.push(checked);
    if (!("version" in validation)) return undefined;
  }
  if (!("version" in training)) return undefined;
  const moved = await moveJob(tx, job, "queued", { queuedAt: new Date() });
  const { accepted = 0, setAside = 0 } = version.report ?? {};
  const aside = setAside > 0 ? `, ${setAside} set aside` : "";
  await addEvents(tx, id, [
    {
      message: `Files validated: ${accepted} rows accepted${aside}`,
      data: { accepted, set_aside: setAside },
    },
    { message: "Waiting for a place to train" },
  ]);
  return moved;
}

interface Asked {
  graft?: { task?: string; columns?: ColumnMap };
}

/** An order that names no task has that of its file, which may not have been looked at when the order came. */
async function withTask(tx: TenantTx, job: Job): Promise<Job> {
  if ((job.asked as Asked).graft?.task !== undefined) return job;
  const file = await tx.one(files, eq(files.id, job.trainingFileId));
  const task = file?.profile?.guess.task;
  if (task === undefined || task === job.task) return job;
  await tx.update(jobs, { task }, eq(jobs.id, job.id));
  return { ...job, task };
}

/** What the job's task, now that it is known, cannot do of what was ordered. */
function problemOf({ task: id, base, asked, effective }: Job): Refusal | null {
  const task = taskOf(id);
  const recipe = String(effective?.recipe ?? "auto");
  const noRecipe = recipeProblem(task, recipe);
  if (noRecipe) return { code: "recipe_unsupported", message: noRecipe, param: "graft.recipe" };
  const tooCoarse = precisionProblem(task, effective?.precision);
  if (tooCoarse) return { code: "unsupported_parameter", message: tooCoarse, param: "graft.precision" };
  const hyperparameters = orderedOf(asked as Partial<JobBody>);
  const noLora = loraProblem(task, { base, recipe, hyperparameters });
  if (noLora) return { code: "unsupported_parameter", ...noLora };
  const noAdapter = effective?.adapter ? adapterProblem(task) : null;
  return noAdapter ? { code: "task_unsupported", message: noAdapter, param: "training_file" } : null;
}

async function settle(
  tx: TenantTx,
  job: Job,
  which: "training" | "validation",
  fileId: string,
  columns: ColumnMap | undefined,
  against: Version | null,
): Promise<Settled> {
  const param = `${which}_file`;
  const ready = which === "training" ? job.versionId : job.validationVersionId;
  let version = ready ? await tx.one(datasetVersions, eq(datasetVersions.id, ready)) : undefined;
  if (!version) {
    const file = await tx.one(files, eq(files.id, fileId));
    if (!file) return { refusal: { code: "not_found", message: "The file was deleted.", param } };
    if (file.status === "uploaded") return { wait: null };
    const isOwnMap = which === "training" && columns !== undefined;
    const isOwnTask = file.profile !== null && job.task !== file.profile.guess.task;
    if (file.status === "error" && !isOwnMap && !isOwnTask) return { refusal: refusalOf(file, param) };
    try {
      const chosen = columnsFor(file, job.task, columns, which);
      const order = { fileId, columns: chosen, task: job.task, againstId: against?.id ?? null };
      version = await insertVersion(tx, { ...order, param: "graft.columns" });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { refusal: { code: error.code, message: error.message, param: error.options.param ?? param } };
    }
  }
  if (version.status === "ready") return { version };
  if (version.status === "checking") return { wait: version };
  const code = version.errorCode ?? "invalid_training_file";
  return { refusal: { code, message: version.errorMessage ?? "The file cannot be used.", param } };
}

/** The order's map; for a validation file that has other column names, the guess of the job's task over its own. */
function columnsFor(file: File, task: string, columns: ColumnMap | undefined, which: string): ColumnMap {
  const guess = file.profile ? taskOf(task).guess(file.profile.columns).columns : {};
  if (!columns) return guess;
  const known = new Set(file.profile?.columns.map((column) => column.name));
  const isKnown = Object.values(columns)
    .flat()
    .every((name) => known.has(name));
  return which === "training" || isKnown ? columns : guess;
}

export function refusalOf(file: File, param: string): Refusal {
  return {
    code: file.errorCode ?? "invalid_training_file",
    message: file.statusDetails ?? "The file cannot be used.",
    param,
  };
}

async function refuse(tx: TenantTx, job: Job, refusal: Refusal): Promise<Job | undefined> {
  const moved = await moveJob(tx, job, "failed", {
    errorCode: refusal.code,
    errorMessage: refusal.message,
    errorParam: refusal.param,
  });
  await addEvents(tx, job.id, [{ level: "error", message: refusal.message, data: { code: refusal.code } }]);
  return moved;
}
