import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { freePort } from "../start/home.mjs";
import { run } from "../start/run.mjs";
import { whenListening } from "./listening.mjs";

/** moto answers like S3, from a Python of its own when the system's does not have it. */
const folder = join(homedir(), ".cache", "graft", "test-s3");
const own = join(folder, "bin", "python");

export function s3Python() {
  const has = (python) => spawnSync(python, ["-c", "import moto.server"]).status === 0;
  return [own, "python3"].find((python) => (python !== own || existsSync(own)) && has(python)) ?? null;
}

export async function installS3() {
  const { code } = await run("python3", ["-m", "venv", folder], { timeoutMs: 60_000 });
  if (code === 0)
    await run(own, ["-m", "pip", "install", "-q", "moto[server,s3]"], { timeoutMs: 4 * 60_000 });
}

/** An empty S3 on a free port, or null when Python cannot supply it. */
export async function startS3() {
  const python = s3Python();
  if (!python) return null;
  const port = await freePort();
  const args = ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)];
  const child = spawn(python, args, { stdio: "ignore" });
  const stop = await whenListening(child, port);
  return stop && { url: `http://127.0.0.1:${port}`, stop };
}
