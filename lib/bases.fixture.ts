import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { ensureBase } from "./bases";
import { env, sharedBasesDir } from "./env";
import { DEFAULT_BASE } from "./ml/catalogue";
import type { BaseFiles } from "./ml/task";

/**
 * The real base for a test file, from this person's cache alone, for a test downloads nothing; null, loudly, where it is not
 * there. Its graphs are written once for all files of a run.
 */
export async function cachedBase(): Promise<BaseFiles | null> {
  if (!existsSync(join(sharedBasesDir(), DEFAULT_BASE, "model.safetensors"))) {
    console.warn("SKIPPED: the real base is not in the cache; npm start fetches it");
    return null;
  }
  const ofAllFiles = join(inject("server").home, "bases");
  mkdirSync(ofAllFiles, { recursive: true });
  if (!existsSync(env().basesDir)) symlinkSync(ofAllFiles, env().basesDir);
  return ensureBase(DEFAULT_BASE);
}
