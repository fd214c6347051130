import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { failAppraisal, recordAppraisal, versionToAppraise } from "@/lib/appraisals";
import { installedBase } from "@/lib/bases";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { cacheDir } from "@/lib/home";
import { DEFAULT_BASE } from "@/lib/ml/catalogue";
import { CATALOGUE, type Payload } from "@/lib/queue";
import { localCopy, versionKey } from "@/lib/storage";
import { runChild } from "./children";
import { openRun } from "./runs";

const OURS = {
  code: "job_failed",
  message: "The sample could not be looked at for a reason of ours. Start again, or ask your provider.",
};

/** `dataset.appraise`: the frozen rows go to a child, and what comes back is written down. */
export async function runAppraisal(
  { tenantId, id }: Payload<"dataset.appraise">,
  attempt: { isLast: boolean },
  signal: AbortSignal,
): Promise<void> {
  const wanted = await versionToAppraise(tenantId, id);
  if (!wanted) return;
  const run = await openRun(`appraise.${id}`);
  try {
    const rowsPath = await localCopy(versionKey(tenantId, id, "rows.ndjson"), join(run.dir, "rows.ndjson"));
    // Shared with the trainings of the file, and gone with it.
    const cache = cacheDir(tenantId, wanted.fileId);
    await mkdir(cache, { recursive: true });
    const threads = env().GRAFT_THREADS;
    const order = { task: wanted.task, rowsPath, base: await installedBase(DEFAULT_BASE) };
    const limitMs = CATALOGUE["dataset.appraise"].timeoutMs;
    const answer = await runChild(
      "appraise-child",
      { kind: "appraise", order, run: { cacheDir: cache, threads } },
      { threads, signal, limitMs },
    );
    // Thrown so that the broker delivers the message again, here or elsewhere.
    if (!answer) throw new Error("the worker stops");
    if (answer.kind === "appraised") return await recordAppraisal(tenantId, id, answer.report);
    if (answer.kind === "refused") return await failAppraisal(tenantId, id, answer);
    throw new Error("the appraise-child ended early");
  } catch (error) {
    if (error instanceof AppError) await failAppraisal(tenantId, id, error);
    else if (attempt.isLast && !signal.aborted) await failAppraisal(tenantId, id, OURS);
    else throw error;
  } finally {
    await run.close();
  }
}
