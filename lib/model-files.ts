import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { env } from "./env";
import { localCopy, modelKey, storeFile } from "./storage";

/** An artifact's way into storage and back. The engine alone knows what the files mean. */
export async function storeArtifact(
  tenantId: string,
  modelId: string,
  artifactDir: string,
): Promise<{ files: Record<string, string>; sizeBytes: number }> {
  const entries = await readdir(artifactDir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: Record<string, string> = {};
  let sizeBytes = 0;
  for (const path of paths.sort()) {
    const name = relative(artifactDir, path).split(sep).join("/");
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash);
    files[name] = hash.digest("hex");
    sizeBytes += (await stat(path)).size;
    await storeFile(modelKey(tenantId, modelId, name), path);
  }
  return { files, sizeBytes };
}

/** Where copies from a bucket lie; empty when storage is a folder of this machine. */
export const copiesDir = (tenantId: string, modelId: string) =>
  join(env().home, "model-copies", tenantId, modelId);

/** A local folder with all files of a model. Throws `not_found` when one is missing. */
export async function artifactFolder(
  tenantId: string,
  modelId: string,
  files: Record<string, string>,
): Promise<string> {
  const target = copiesDir(tenantId, modelId);
  const folders = await Promise.all(
    Object.keys(files).map(async (name) => {
      const path = await localCopy(modelKey(tenantId, modelId, name), join(target, ...name.split("/")));
      return path.slice(0, path.length - name.length - 1);
    }),
  );
  return folders[0] ?? target;
}
