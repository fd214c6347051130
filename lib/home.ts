import { join } from "node:path";
import { env } from "./env";

/** Folders of this machine's home that hold work under way; everything here may be lost and made again. */
export const runsDir = () => join(env().home, "runs");
export const uploadsDir = () => join(env().home, "uploads");

/** Embeddings by content hash of one file's rows: they go when the file goes. */
export const cacheDir = (tenantId: string, fileId: string) => join(env().home, "cache", tenantId, fileId);
