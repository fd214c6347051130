import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { freePort } from "../start/home.mjs";
import { run } from "../start/run.mjs";
import { whenListening } from "./listening.mjs";

/** The payment provider's own mock: it answers by the same description that its API is made of. */
const MODULE = "github.com/stripe/stripe-mock@v0.203.0";
const folder = join(homedir(), ".cache", "graft", "test-stripe-mock");
const program = () => [join(folder, "stripe-mock"), "stripe-mock"].find(answers) ?? null;
const answers = (path) =>
  path.includes("/") ? existsSync(path) : spawnSync(path, ["-version"]).status === 0;

export async function ensureStripeMock() {
  if (program()) return program();
  await run("go", ["install", MODULE], { env: { ...process.env, GOBIN: folder }, timeoutMs: 4 * 60_000 });
  return program();
}

/** On a free port, or null where it is not installed. */
export async function startStripeMock() {
  const path = program();
  if (path === null) return null;
  const port = await freePort();
  const child = spawn(path, ["-http-port", String(port)], { stdio: "ignore" });
  const stop = await whenListening(child, port);
  return stop && { url: `http://127.0.0.1:${port}`, stop };
}
