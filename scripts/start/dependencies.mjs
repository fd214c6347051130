import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { readJson } from "./home.mjs";
import { run } from "./run.mjs";
import { StartError } from "./steps.mjs";

/** The oldest Node of each line that every part runs on. */
export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22) return;
  throw new StartError(`Node ${process.versions.node} is too old: Graft needs ^20.19 or >= 22.12.`);
}

/** `npm ci`, unless what is installed is already what the lock file says. */
export async function ensureDependencies(root) {
  if (isInstalled(root)) return "up to date";
  // Scripts are off in .npmrc as well; said here too, because an environment variable may turn them on.
  const args = ["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  const command = npm?.endsWith(".js") ? process.execPath : "npm";
  const env = { ...process.env, NODE_ENV: "", ONNXRUNTIME_NODE_INSTALL: "skip" };
  const { code, output } = await run(command, command === "npm" ? args : [npm, ...args], { cwd: root, env });
  // npm says the cause first and then a page of help.
  if (code !== 0) throw new StartError(`npm ci failed:\n${output.split("\n").slice(0, 15).join("\n")}`);
  return "installed by npm ci";
}

/** Compares with the copy of the lock file that npm leaves in the folder, so that any install counts. */
function isInstalled(root) {
  const wanted = readJson(join(root, "package-lock.json"), {}).packages ?? {};
  const present = readJson(join(root, "node_modules", ".package-lock.json"), {}).packages ?? {};
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    const found = present[path];
    if (found) return found.version === entry.version && found.integrity === entry.integrity;
    // Left out on this platform.
    return entry.optional === true || entry.devOptional === true || entry.peer === true;
  });
}

/** The hook is wired only where nobody chose hooks of their own. */
export async function ensureHook(root) {
  if (!existsSync(join(root, ".git"))) return;
  const set = await run("git", ["config", "--get", "core.hooksPath"], { cwd: root, timeoutMs: 5000 });
  if (set.code === 1 && set.output === "")
    await run("git", ["config", "core.hooksPath", ".githooks"], { cwd: root, timeoutMs: 5000 });
}

/** A package's program, run by this Node: `npx` costs half a second and may ask questions. */
export function programOf(root, name, bin = name) {
  const require = createRequire(join(root, "package.json"));
  const folder = join(root, "node_modules", name);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const path = typeof manifest.bin === "string" ? manifest.bin : manifest.bin[bin];
  return require.resolve(join(folder, path));
}
