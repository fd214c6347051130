import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { env } from "./env";

/** Folders of this machine's home that hold work under way; everything here may be lost and made again. */
export const runsDir = () => join(env().home, "runs");
/** Files on their way into storage. */
export const incomingDir = () => join(env().home, "incoming");
export const uploadsDir = () => join(env().home, "uploads");

/** Embeddings by content hash of one file's rows: they go when the file goes. */
export const cacheDir = (tenantId: string, fileId: string) => join(env().home, "cache", tenantId, fileId);

/** Where the next ranking of a labelling set begins. */
export const labellingHead = (tenantId: string, fileId: string, setId: string) =>
  join(cacheDir(tenantId, fileId), `${setId}.head`);

/** Where the attempts of one job leave how far they came; gone with the job's end. */
const checkpointsDir = () => join(env().home, "checkpoints");
export const checkpointDir = (tenantId: string, jobId: string) => join(checkpointsDir(), tenantId, jobId);

export const forgetCheckpoints = (tenantId: string, jobId: string) =>
  rm(checkpointDir(tenantId, jobId), { recursive: true, force: true });

/** The jobs that have a folder of checkpoints here. */
export async function listCheckpointDirs(): Promise<{ tenantId: string; jobId: string }[]> {
  const tenants = await readdir(checkpointsDir()).catch(() => []);
  const found = tenants.map(async (tenantId) =>
    (await readdir(join(checkpointsDir(), tenantId)).catch(() => [])).map((jobId) => ({ tenantId, jobId })),
  );
  return (await Promise.all(found)).flat();
}

/** What this machine holds of a tenant outside storage: embeddings, checkpoints, and uploads that were under way. */
export async function forgetTenant(tenantId: string): Promise<void> {
  for (const kind of ["cache", "checkpoints"])
    await rm(join(env().home, kind, tenantId), { recursive: true, force: true });
  for (const name of await readdir(uploadsDir()).catch(() => []))
    if (name.startsWith(`${tenantId}.`)) await rm(join(uploadsDir(), name), { force: true });
}
