import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { datasets, jobs } from "@/db/schema/work";
import { forTenant } from "@/db/tenant";
import { actorOfId } from "@/lib/audit";
import { ranHyperparameters, settingsToWire, unusedOf } from "@/lib/hyperparameters";
import type { JobBody } from "@/lib/job-body";
import { deployFrom } from "@/lib/job-deployments";
import { addEvents, wakeReaders } from "@/lib/job-events";
import { moveJob } from "@/lib/job-moves";
import { type Claim, whileHeld } from "@/lib/job-run";
import { minutesLate } from "@/lib/late-trainings";
import { log } from "@/lib/log";
import { storeArtifact } from "@/lib/model-files";
import {
  createModelId,
  insertProbingModel,
  markFailed,
  markReady,
  modelName,
  removeModelBlobs,
} from "@/lib/models";
import { splitKey, storeFile } from "@/lib/storage";
import { addUsage } from "@/lib/usage";
import type { Result } from "./messages";
import { probeModel } from "./probe";
import type { Reporter } from "./reporter";

/**
 * The last stage: the artifact into storage, one prediction through the public route, and only then, in one
 * transaction, the model ready, the job succeeded and the training on the bill.
 */
export async function deployModel(
  claim: Claim,
  trained: Result,
  runDir: string,
  rowsPath: string,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const { held, job, slug } = claim;
  reporter.stage("deploy", "running");
  await reporter.flush();
  // Named on the job before the first byte is stored: whoever comes after a crash knows what to remove.
  const id = await whileHeld(held, async (tx, { promisedModelId }) => {
    const modelId = promisedModelId ?? createModelId();
    await tx.update(jobs, { modelId }, eq(jobs.id, held.id));
    return modelId;
  });
  if (!id) return;
  const name = modelName(job.base, slug, job.suffix, id);
  let isDone = false;
  try {
    await keepSplit(claim, trained.splitPath, runDir);
    const stored = await storeArtifact(held.tenantId, id, trained.artifactDir);
    const model = {
      id,
      name,
      jobId: job.id,
      base: job.base,
      task: job.task,
      recipe: trained.report.recipe,
      report: trained.report,
      ...stored,
    };
    await whileHeld(held, (tx) => insertProbingModel(tx, model));
    await probeModel(held.tenantId, name, rowsPath, trained.report, signal);
    reporter.stage("deploy", "done");
    await reporter.flush();
    isDone = (await finish(claim, id, name, trained, reporter)) === true;
    if (isDone)
      await deployFrom(held.tenantId, held.id).catch((error: Error) =>
        log().warn({ job: held.id, error: error.message }, "not deployed yet; the sweep will"),
      );
  } finally {
    if (!isDone) await discardModel(held.tenantId, id);
  }
}

async function finish(claim: Claim, id: string, name: string, trained: Result, reporter: Reporter) {
  const { held, job } = claim;
  const { report } = trained;
  const settings = report.compared.find(({ chosen }) => chosen)?.effective ?? {};
  const unused = unusedOf(job.asked as Partial<JobBody>, settings);
  const isDone = await whileHeld(held, async (tx, now) => {
    await markReady(tx, id);
    await moveJob(tx, held, "succeeded", {
      modelId: id,
      lateMinutes: minutesLate(now, new Date()),
      trainedTokens: report.trainedTokens,
      stages: reporter.stages,
      effective: {
        ...job.effective,
        recipe: report.recipe,
        refit: report.refit,
        seed: report.seed,
        backend: report.backend,
        base_sha256: report.base?.sha256 ?? null,
        choice: report.choice,
        hyperparameters: ranHyperparameters(settings),
        settings: settingsToWire(settings),
      },
    });
    await addUsage(tx, [
      {
        tenantId: held.tenantId,
        id: job.id,
        meter: "training.job",
        quantity: 1,
        isBillable: true,
        reason: null,
        model: name,
        ...actorOfId(job.createdBy),
        route: "/v1/fine_tuning/jobs",
        tokens: report.trainedTokens,
        occurredAt: new Date().toISOString(),
        ...(job.priceDecimal === null ? {} : { fixedDecimal: job.priceDecimal }),
      },
    ]);
    if (unused.length > 0)
      await addEvents(tx, held.id, [{ level: "warn", message: sayUnused(unused, report.recipe) }]);
    await addEvents(tx, held.id, [
      { message: `New fine-tuned model created: ${name}`, data: { model: name } },
      { message: "The job has successfully completed" },
    ]);
    return true;
  });
  await wakeReaders(held.id);
  return isDone;
}

const sayUnused = (names: readonly string[], recipe: string) =>
  `${names.map((name) => `\`${name}\``).join(", ")}: without effect, the recipe \`${recipe}\` of this model has no such setting`;

/** The test rows of a dataset's first training are the test rows of all later ones. */
export async function keepSplit(claim: Claim, splitPath: string, runDir: string): Promise<void> {
  const { dataset, held } = claim;
  if (dataset.hasSplit) return;
  const copy = join(runDir, "split.copy");
  await copyFile(splitPath, copy);
  await storeFile(splitKey(held.tenantId, dataset.id), copy);
  await forTenant(held.tenantId, (tx) =>
    tx.update(datasets, { hasSplit: true }, eq(datasets.id, dataset.id)),
  );
}

/** A model that nobody ever asked: the row stays as failed, its bytes go. */
export async function discardModel(tenantId: string, id: string): Promise<void> {
  await forTenant(tenantId, (tx) => markFailed(tx, id));
  await removeModelBlobs(tenantId, id);
}
