import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { env } from "./env";

/** Folders of this machine's home that hold work under way; everything here may be lost and made again. */
export const runsDir = () => join(env().home, "runs");
export const uploadsDir = () => join(env().home, "uploads");

/** Embeddings by content hash of one file's rows: they go when the file goes. */
export const cacheDir = (tenantId: string, fileId: string) => join(env().home, "cache", tenantId, fileId);

/** What this machine holds of a tenant outside storage: embeddings, and uploads that were under way. */
export async function forgetTenant(tenantId: string): Promise<void> {
  await rm(join(env().home, "cache", tenantId), { recursive: true, force: true });
  for (const name of await readdir(uploadsDir()).catch(() => []))
    if (name.startsWith(`${tenantId}.`)) await rm(join(uploadsDir(), name), { force: true });
}
