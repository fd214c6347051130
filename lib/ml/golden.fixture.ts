import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BackendId, openBackend } from "./backend";
import { openEncoder } from "./base/encoder";
import { writeSmallBert } from "./base/small-bert.fixture";

/** The backend that golden tests run on: WebAssembly, or the one of the project in `vitest.config.ts`. */
export const openGoldenBackend = () =>
  openBackend({ only: (process.env.GRAFT_TEST_BACKEND ?? "wasm") as BackendId, threads: 1 });

/** The small encoder on that backend, from a folder that goes with it. */
export async function openGoldenEncoder() {
  await openGoldenBackend();
  const dir = mkdtempSync(join(tmpdir(), "graft-golden-"));
  await writeSmallBert(dir);
  const encoder = await openEncoder(dir);
  const remove = () => {
    encoder.dispose();
    rmSync(dir, { recursive: true });
  };
  return { encoder, remove };
}

/** What a program prints as JSON in a process of its own on a backend, its first argument; else why it did not. */
export function runOnBackend<T extends object>(
  program: string,
  id: BackendId,
  ...args: readonly string[]
): T | string {
  const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", program, id, ...args], {
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  const line = stdout.split("\n").find((one) => one.startsWith("{"));
  if (line) return JSON.parse(line) as T;
  return /Error: (.+)/.exec(stderr)?.[1] ?? stderr;
}
