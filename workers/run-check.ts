import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type Found, fileToCheck, recordFileCheck, recordVersion, versionToBuild } from "@/lib/checks";
import { AppError } from "@/lib/errors";
import { CATALOGUE, type Payload } from "@/lib/queue";
import { fileKey, localCopy, storeFile, versionKey } from "@/lib/storage";
import { runChild } from "./children";
import type { CheckOrder } from "./messages";
import { openRun } from "./runs";

/** `file.check` and `dataset.build`: the same child looks at a file, once to guess and once to freeze. */
interface Attempt {
  isLast: boolean;
}
const OURS = {
  code: "job_failed",
  message: "The check stopped for a reason of ours. Upload the file again, or ask your provider.",
  param: null,
};
const GONE = { code: "not_found", message: "The file's bytes are gone. Upload it again.", param: null };
const only = (refusal: Found["refusal"]): Found => ({ profile: null, report: null, refusal });

async function look(order: CheckOrder, attempt: Attempt, signal: AbortSignal): Promise<Found> {
  const limitMs = CATALOGUE["file.check"].timeoutMs;
  const answer = await runChild("check-child", order, { threads: 1, signal, limitMs });
  // Thrown so that the broker delivers the message again, here or elsewhere.
  if (!answer) throw new Error("the worker stops");
  if (answer.kind === "checked") return answer;
  if (answer.kind === "refused") return only(answer);
  if (attempt.isLast) return only(OURS);
  throw new Error(answer.kind === "crashed" ? answer.message : "the child answered something else");
}

const pathsIn = (dir: string) => ({
  rowsPath: join(dir, "rows.ndjson"),
  rejectsPath: join(dir, "rejects.csv"),
  workDir: dir,
});

export async function runFileCheck(
  { tenantId, id }: Payload<"file.check">,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<void> {
  const run = await openRun(`check.${id}`);
  try {
    for (let isDone = false; !isDone; ) {
      const file = await fileToCheck(tenantId, id);
      if (!file) return;
      const path = await localCopy(fileKey(tenantId, id), join(run.dir, "file")).catch(goneOrThrow);
      const found = path
        ? await look(
            {
              kind: "check",
              path,
              filename: file.filename,
              reading: file.reading,
              columns: null,
              task: null,
              corrections: [],
              trainingRowsPath: null,
              ...pathsIn(run.dir),
            },
            attempt,
            signal,
          )
        : only(GONE);
      isDone = await recordFileCheck(tenantId, id, file.reading, found);
    }
  } finally {
    await run.close();
  }
}

function goneOrThrow(error: unknown): null {
  if (error instanceof AppError && error.code === "not_found") return null;
  throw error;
}

export async function runVersionBuild(
  { tenantId, id }: Payload<"dataset.build">,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<void> {
  const wanted = await versionToBuild(tenantId, id);
  // With its training version still being read, that one's end sends this message again.
  if (!wanted || wanted.against?.status === "checking") return;
  const { version, filename, task, against } = wanted;
  const run = await openRun(`build.${id}`);
  try {
    const path = await localCopy(fileKey(tenantId, version.fileId), join(run.dir, "file")).catch(goneOrThrow);
    if (!path) return await recordVersion(tenantId, id, only(GONE));
    const paths = pathsIn(run.dir);
    const training =
      against?.status === "ready"
        ? await localCopy(versionKey(tenantId, against.id, "rows.ndjson"), join(run.dir, "training.ndjson"))
        : null;
    const found = await look(
      {
        kind: "check",
        path,
        filename,
        reading: version.reading,
        columns: version.columns,
        task,
        corrections: version.corrections,
        trainingRowsPath: training,
        ...paths,
      },
      attempt,
      signal,
    );
    await keep(paths.rejectsPath, versionKey(tenantId, id, "rejects.csv"));
    if (!found.refusal) await keep(paths.rowsPath, versionKey(tenantId, id, "rows.ndjson"));
    await recordVersion(tenantId, id, found);
  } finally {
    await run.close();
  }
}

async function keep(path: string, key: string): Promise<void> {
  const isThere = await stat(path).catch(() => null);
  if (isThere) await storeFile(key, path);
}
