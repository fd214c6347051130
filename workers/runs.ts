import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { listCheckpointDirs, runsDir } from "@/lib/home";
import { forgetJob } from "@/lib/job-files";
import { hasEnded } from "@/lib/jobs";

/** Folders of work under way lie below the id of the process that owns them, so that leftovers are known. */
const own = () => join(runsDir(), String(process.pid));

export async function openRun(name: string): Promise<{ dir: string; close(): Promise<void> }> {
  const dir = join(own(), name);
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  return { dir, close: () => rm(dir, { recursive: true, force: true }) };
}

/** What processes that are gone left behind; at the start also what an earlier one of our own number did. */
export async function sweepRuns(isStart = false): Promise<void> {
  for (const name of await readdir(runsDir()).catch(() => [])) {
    const pid = Number(name);
    const isOurs = pid === process.pid;
    if (isOurs ? isStart : !isAlive(pid)) await rm(join(runsDir(), name), { recursive: true, force: true });
  }
}

/** What a job goes on from is of no use to anybody after its end. */
export async function forgetEnded(tenantId: string, jobId: string): Promise<void> {
  if (await hasEnded(tenantId, jobId)) await forgetJob(tenantId, jobId);
}

/** Of jobs that ended without a worker beside them, or whose tenant is gone. */
export async function sweepCheckpoints(): Promise<void> {
  for (const { tenantId, jobId } of await listCheckpointDirs()) await forgetEnded(tenantId, jobId);
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
