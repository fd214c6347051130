import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { baseById, ensureBase, noteOf } from "./bases";
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

/** A base in this test file's home that was made ready there, and of whose files nothing is left as it was. */
export function leaveDamagedBase(): void {
  const base = baseById(DEFAULT_BASE);
  const dir = join(env().basesDir, base.id);
  mkdirSync(dir, { recursive: true });
  for (const name of Object.keys(base.files)) writeFileSync(join(dir, name), "{}");
  writeFileSync(join(dir, "base.json"), JSON.stringify(noteOf(base, {})));
}
