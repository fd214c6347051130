import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { programOf } from "../start/dependencies.mjs";
import { lastLines, run } from "../start/run.mjs";
import { say } from "../start/steps.mjs";
import { ensurePythonWith } from "./python.mjs";
import { hasRedis } from "./redis.mjs";
import { ensureStripeMock } from "./stripe.mjs";

const canInstall = () => process.getuid?.() === 0 && spawnSync("apt-get", ["--version"]).status === 0;

async function install(name) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const args = ["install", "-y", "--no-install-recommends", name];
  let result = await run("apt-get", args, { env, timeoutMs: 4 * 60_000 });
  if (result.code !== 0) {
    await run("apt-get", ["update"], { env, timeoutMs: 2 * 60_000 });
    result = await run("apt-get", args, { env, timeoutMs: 4 * 60_000 });
  }
  return result;
}

export async function ensureRedis() {
  if (process.env.REDIS_URL) return "REDIS_URL";
  if (hasRedis()) return "the system's";
  if (canInstall()) await install("redis-server");
  if (hasRedis()) return "installed";
  say("SKIPPED: the queue suites on Redis. Set REDIS_URL or install redis-server to run them.");
  return "absent";
}

export async function ensureS3() {
  if (await ensurePythonWith("s3")) return "moto";
  say("SKIPPED: storage on S3. Install python3 with venv and pip, or `pip install moto[server]`, to run it.");
  return "absent";
}

export async function ensureTriton() {
  if (await ensurePythonWith("triton")) return "tritonclient";
  say("SKIPPED: KServe's protocol by Triton's client. Install python3 with venv and pip to run it.");
  return "absent";
}

export async function ensureStripe() {
  if (await ensureStripeMock()) return "stripe-mock";
  say("SKIPPED: payments by card against the provider's mock. Install Go, or stripe-mock, to run them.");
  return "absent";
}

export async function ensureNative(root) {
  const args = [join(root, "scripts", "native.mjs")];
  const { code, output } = await run(process.execPath, args, { cwd: root, timeoutMs: 5 * 60_000 });
  if (code === 0) return lastLines(output, 1);
  say(`SKIPPED: what needs TensorFlow.js natively. ${lastLines(output, 3)}`);
  return "absent";
}

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

function systemChromium() {
  for (const name of NAMES) {
    const { stdout, status } = spawnSync("/bin/sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
    if (status === 0 && stdout.trim() !== "") return stdout.trim();
  }
  return PLACES.find((path) => existsSync(path)) ?? "";
}

/** Leaves the path in `found.path`; empty means Playwright's own browser. */
export async function ensureChromium(root, found) {
  found.path = process.env.GRAFT_CHROMIUM || systemChromium();
  if (found.path) return found.path;
  if (canInstall()) {
    await install("chromium");
    found.path = systemChromium();
    if (found.path) return `installed ${found.path}`;
  }
  const args = [programOf(root, "@playwright/test", "playwright"), "install", "chromium"];
  const { code, output } = await run(process.execPath, args, { cwd: root, timeoutMs: 5 * 60_000 });
  if (code === 0) return "Playwright's own";
  say(`No Chromium could be had, the journeys will fail: ${lastLines(output, 3)}`);
  return "absent";
}
