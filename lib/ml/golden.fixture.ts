import { spawnSync } from "node:child_process";
import { type BackendId, openBackend } from "./backend";

/** The backend that golden tests run on: WebAssembly, or the one of the project in `vitest.config.ts`. */
export const openGoldenBackend = () =>
  openBackend({ only: (process.env.GRAFT_TEST_BACKEND ?? "wasm") as BackendId, threads: 1 });

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
