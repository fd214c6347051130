import { rm } from "node:fs/promises";
import { join } from "node:path";
import { forTenant } from "@/db/tenant";
import { writeAudit } from "./audit";
import { installedBase } from "./bases";
import { fail, isErrorCode } from "./errors";
import { createId } from "./id";
import { type JobBody, jobBodySchema } from "./job-body";
import { ADAPTER_FILES, forgetJob } from "./job-files";
import { createJob, type Job } from "./jobs";
import { BASES, DEFAULT_BASE } from "./ml/catalogue";
import { TrainingError } from "./ml/task";
import { readParts } from "./multipart";
import type { Actor } from "./session";
import { jobKey, storeFile } from "./storage";
import { openWorkDir } from "./work-dirs";

/**
 * `POST /v1/models/import`: an adapter from elsewhere and labelled rows become a model of the platform. The adapter is
 * looked at before anything is ordered; the rest is a job like any other, whose head is fitted on what the base makes of
 * the rows through the adapter.
 */
export async function importModel(actor: Actor, request: Request): Promise<Job> {
  const dir = await openWorkDir();
  try {
    const fields = await readParts(request, dir, ADAPTER_FILES);
    const body = bodyOf(fields);
    const adapter = await lookAt(dir, body.model);
    return await order(actor, body, dir, adapter);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function bodyOf(fields: ReadonlyMap<string, string>): JobBody {
  const { seed, ...texts } = Object.fromEntries(fields);
  if (!texts.training_file)
    fail("invalid_request", "Labelled rows are needed to fit the classifier.", "training_file");
  const given = { model: DEFAULT_BASE, ...texts, ...(seed === undefined ? {} : { seed: Number(seed) }) };
  const parsed = jobBodySchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const param = issue?.path.join(".") || null;
  return fail("invalid_request", `\`${param}\`: ${issue?.message}.`, param);
}

/** What the adapter changes, for the job's events. Refuses one that could not be served. */
async function lookAt(dir: string, id: string) {
  if (!Object.hasOwn(BASES, id)) fail("model_not_found", undefined, "model");
  const base = (await installedBase(id)) ?? fail("base_unavailable", undefined, "model");
  const { importAdapter } = await import("./ml/portable/import");
  const { lora } = await importAdapter(dir, base).catch((error: unknown) => {
    if (error instanceof TrainingError && isErrorCode(error.code))
      fail(error.code, error.message, error.param);
    throw error;
  });
  return { rank: lora.shape.rank, targets: [...lora.shape.targets] };
}

/** The bytes first, under the job's id: whoever claims it finds them. */
async function order(
  actor: Actor,
  body: JobBody,
  dir: string,
  adapter: { rank: number; targets: string[] },
): Promise<Job> {
  const id = createId("job");
  try {
    for (const name of Object.keys(ADAPTER_FILES))
      await storeFile(jobKey(actor.tenantId, id, name), join(dir, name));
    const { job } = await createJob(actor, body, { imported: { id, adapter } });
    await forTenant(actor.tenantId, (tx) => writeAudit(tx, actor, "model.imported", id, adapter));
    return job;
  } catch (error) {
    await forgetJob(actor.tenantId, id);
    throw error;
  }
}
