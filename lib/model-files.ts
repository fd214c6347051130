import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Model } from "./models";
import { modelKey, storeFile, withFolder } from "./storage";

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

/** Gives `use` a local folder with the files of a model; who reads them finds what is missing or changed. */
export const withArtifact = <T>(
  { tenantId, id, files }: Pick<Model, "tenantId" | "id" | "files">,
  use: (folder: string) => Promise<T>,
): Promise<T> => withFolder(modelKey(tenantId, id, ""), Object.keys(files), use);
