import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { installedBase, isDamagedBase } from "@/lib/bases";
import { env } from "@/lib/env";
import { cacheDir, checkpointDir } from "@/lib/home";
import { orderedOf } from "@/lib/hyperparameters";
import type { JobBody } from "@/lib/job-body";
import { ADAPTER_FILES } from "@/lib/job-files";
import { type Claim, claimJob, crashJob, failJob, type Held, releaseJob } from "@/lib/job-run";
import { log } from "@/lib/log";
import { CATALOGUE } from "@/lib/queue";
import { jobKey, localCopy, splitKey, versionKey } from "@/lib/storage";
import { runChild } from "./children";
import { deployModel, discardModel } from "./deploy";
import type { Answer, News, TrainOrder } from "./messages";
import { ProbeError } from "./probe";
import { offerModel } from "./provisional";
import { createReporter, type Reporter } from "./reporter";
import { forgetEnded, openRun } from "./runs";

/** One attempt at one job, from its pointer to its end. */
export interface RunOptions {
  signal: AbortSignal;
  /** Another program in the place of train-child. */
  trainEntry?: string | undefined;
  silentMs?: number | undefined;
}

export async function runJob(pointer: Held, options: RunOptions): Promise<void> {
  const claim = await claimJob(pointer);
  if (!claim) return log().info({ job: pointer.id, attempt: pointer.attempt }, "pointer dropped");
  const { held } = claim;
  for (const id of claim.leftIds) await discardModel(held.tenantId, id);
  const lost = new AbortController();
  const reporter = createReporter(held, claim.job, () => lost.abort());
  const signal = AbortSignal.any([options.signal, lost.signal]);
  const run = await openRun(`${held.id}.${held.attempt}`);
  try {
    const { order, rowsPath } = await orderFor(claim, run.dir);
    const offers: Promise<void>[] = [];
    const hear = (news: News) => {
      if (news.kind !== "provisional") reporter.hear(news);
      else if (offers.length === 0) offers.push(offerModel(claim, news, run.dir, rowsPath, reporter, signal));
    };
    const answer = await train(order, hear, signal, options);
    // It settles within its probe's time; the final model takes the id that it was named after.
    await Promise.all(offers);
    await reporter.flush();
    if (!lost.signal.aborted) await conclude(claim, answer, run.dir, rowsPath, reporter, signal);
  } catch (error) {
    await giveUp(held, error, options.signal, lost.signal);
  } finally {
    reporter.stop();
    await run.close();
    // Otherwise the sweep does it.
    await forgetEnded(held.tenantId, held.id).catch(() => {});
  }
}

async function orderFor(claim: Claim, dir: string): Promise<{ order: TrainOrder; rowsPath: string }> {
  const { held, job, version, validation, dataset } = claim;
  const rowsOf = (id: string, name: string) =>
    localCopy(versionKey(held.tenantId, id, "rows.ndjson"), join(dir, name));
  const rowsPath = await rowsOf(version.id, "rows.ndjson");
  const cache = cacheDir(held.tenantId, version.fileId);
  const checkpoints = checkpointDir(held.tenantId, held.id);
  for (const folder of [cache, checkpoints]) await mkdir(folder, { recursive: true });
  const asked = job.effective ?? {};
  const order: TrainOrder = {
    kind: "train",
    task: job.task,
    order: {
      rowsPath,
      rowsSha256: version.report?.sha256 ?? "",
      validationRowsPath: validation ? await rowsOf(validation.id, "validation.ndjson") : null,
      splitPath: dataset.hasSplit
        ? await localCopy(splitKey(held.tenantId, dataset.id), join(dir, "split"))
        : null,
      recipe: String(asked.recipe ?? "auto"),
      ...(await baseFor(job.base)),
      ...(asked.adapter ? { adapterDir: await adapterFor(held, dir) } : {}),
      seed: job.seed,
      refit: asked.refit !== false,
      budgetMinutes: Number(asked.budget_minutes ?? 45),
      precision: asked.precision === "int8" ? "int8" : "float32",
      hyperparameters: orderedOf(job.asked as Partial<JobBody>),
    },
    run: { dir, cacheDir: cache, checkpointDir: checkpoints, threads: env().GRAFT_THREADS },
  };
  return { order, rowsPath };
}

/** A damaged base stops only who reads it; which recipes do is the engine's to know. */
async function baseFor(id: string): Promise<Pick<TrainOrder["order"], "base" | "baseDamage">> {
  try {
    return { base: await installedBase(id) };
  } catch (error) {
    if (!isDamagedBase(error)) throw error;
    log().error({ base: id, error: error.message }, "the base is damaged");
    return { base: null, baseDamage: error.message };
  }
}

/** A folder with the adapter that was brought along. */
async function adapterFor({ tenantId, id }: Held, dir: string): Promise<string> {
  const target = join(dir, "adapter");
  await mkdir(target);
  for (const name of Object.keys(ADAPTER_FILES))
    await copyFile(await localCopy(jobKey(tenantId, id, name), join(dir, name)), join(target, name));
  return target;
}

const train = (order: TrainOrder, onNews: (news: News) => void, signal: AbortSignal, options: RunOptions) =>
  runChild("train-child", order, {
    threads: order.run.threads,
    signal,
    limitMs: CATALOGUE["model.train"].timeoutMs,
    onNews,
    ...(options.trainEntry ? { entry: options.trainEntry } : {}),
    ...(options.silentMs ? { silentMs: options.silentMs } : {}),
  });

async function conclude(
  claim: Claim,
  answer: Answer | null,
  dir: string,
  rowsPath: string,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  if (!answer) return releaseJob(claim.held);
  if (answer.kind === "refused") return failJob(claim.held, answer);
  if (answer.kind === "trained") return deployModel(claim, answer, dir, rowsPath, reporter, signal);
  return crashJob(
    claim.held,
    answer.kind === "crashed" && answer.isOutOfMemory ? "out_of_memory" : "unknown",
  );
}

/** What was thrown here is ours, not the customer's: the job waits for another attempt, or fails unbilled. */
async function giveUp(held: Held, error: unknown, stop: AbortSignal, lost: AbortSignal): Promise<void> {
  if (lost.aborted) return;
  if (stop.aborted) return releaseJob(held);
  log().error({ job: held.id, attempt: held.attempt, error: (error as Error).message }, "attempt failed");
  if (!(error instanceof ProbeError)) return crashJob(held);
  const message =
    "The trained model did not answer through the public route. It is not billed; order it again.";
  return failJob(held, { code: "job_failed", message, param: null });
}
