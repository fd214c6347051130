import { cp } from "node:fs/promises";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { jobs } from "@/db/schema/work";
import { addEvents, wakeReaders } from "@/lib/job-events";
import { type Claim, whileHeld } from "@/lib/job-run";
import { log } from "@/lib/log";
import { storeArtifact } from "@/lib/model-files";
import {
  createModelId,
  fillModel,
  insertProbingModel,
  listProvisional,
  markReady,
  modelName,
  PROVISIONAL_STEP,
  provisionalName,
  purgeModel,
  retireModel,
} from "@/lib/models";
import { discardModel, keepSplit } from "./deploy";
import type { Result } from "./messages";
import { probeModel } from "./probe";
import type { Reporter } from "./reporter";

/**
 * A model that answers while a better one is still fitted. It goes the same way as a final one, into storage and
 * through the public route, beside the child, which goes on; whatever goes wrong here is an event and no more.
 */
export async function offerModel(
  claim: Claim,
  made: Result,
  runDir: string,
  rowsPath: string,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (await isOffered(claim, made)) return;
    await offer(claim, made, runDir, rowsPath, signal);
  } catch (error) {
    if (signal.aborted) return;
    log().warn({ job: claim.held.id, error: (error as Error).message }, "no provisional model");
    reporter.event({ level: "warn", message: "A first model could not be offered; the training goes on" });
  }
}

/** An earlier attempt offered the very same model: it stays, and callers keep the name that they use. */
async function isOffered({ held, job, slug }: Claim, made: Result): Promise<boolean> {
  if (!job.promisedModelId) return false;
  const name = provisionalName(modelName(job.base, slug, job.suffix, job.promisedModelId));
  const standing = await listProvisional(held.tenantId, [held.id]);
  return standing.some(
    (model) => model.name === name && model.report.hashes.artifact === made.report.hashes.artifact,
  );
}

async function offer(
  claim: Claim,
  made: Result,
  runDir: string,
  rowsPath: string,
  signal: AbortSignal,
): Promise<void> {
  const { held, job, slug } = claim;
  const [id, finalId] = [createModelId(), createModelId()];
  const name = provisionalName(modelName(job.base, slug, job.suffix, finalId));
  const { report } = made;
  const { base, task } = job;
  // The row before the first byte is stored: whoever comes after a crash knows what to remove.
  const isNew = await whileHeld(held, async (tx) => {
    const about = { id, name, jobId: job.id, checkpointStep: PROVISIONAL_STEP, base, task };
    await insertProbingModel(tx, { ...about, recipe: report.recipe, report, files: {}, sizeBytes: 0 });
    return true;
  });
  if (!isNew) return;
  let isDone = false;
  try {
    await keepSplit(claim, made.splitPath, runDir);
    // Storing moves files, and the child may still read its own.
    const copy = join(runDir, "provisional.copy");
    await cp(made.artifactDir, copy, { recursive: true });
    const stored = await storeArtifact(held.tenantId, id, copy);
    await whileHeld(held, (tx) => fillModel(tx, id, stored));
    await probeModel(held.tenantId, name, rowsPath, report, signal);
    isDone = await replace(claim, { id, name, finalId });
  } finally {
    if (!isDone) await discardModel(held.tenantId, id);
  }
}

/** Ready, and promised on the job, in one transaction with the end of what an earlier attempt offered. */
async function replace(
  { held }: Claim,
  made: { id: string; name: string; finalId: string },
): Promise<boolean> {
  const before = await listProvisional(held.tenantId, [held.id]);
  const isDone = await whileHeld(held, async (tx) => {
    if (!(await markReady(tx, made.id))) return false;
    await tx.update(jobs, { promisedModelId: made.finalId }, eq(jobs.id, held.id));
    for (const model of before) await retireModel(tx, model.id);
    const message = `A first model answers already: ${made.name}`;
    await addEvents(tx, held.id, [{ message, data: { model: made.name, provisional: true } }]);
    return true;
  });
  if (!isDone) return false;
  for (const model of before) await purgeModel(model);
  await wakeReaders(held.id);
  return true;
}
