import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { env } from "./env";

/** Folders of serve for one request each; whoever opens one removes it. */
const root = () => join(env().home, "tmp");
const PREFIX = "serve-";
const LEFT_BEHIND_MS = 3_600_000;

export async function openWorkDir(): Promise<string> {
  await mkdir(root(), { recursive: true });
  return mkdtemp(join(root(), PREFIX));
}

/** A process that was killed could not remove the customers' files it was working on. */
export async function removeLeftDirs(): Promise<void> {
  for (const name of await readdir(root()).catch(() => [])) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(root(), name);
    const changed = (await stat(path).catch(() => null))?.mtimeMs ?? Date.now();
    if (changed < Date.now() - LEFT_BEHIND_MS) await rm(path, { recursive: true, force: true });
  }
}
