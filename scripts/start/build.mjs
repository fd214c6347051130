import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { programOf } from "./dependencies.mjs";
import { isAlive, pause } from "./processes.mjs";
import { lastLines, run } from "./run.mjs";
import { StartError } from "./steps.mjs";

const FOLDERS = ["app", "components", "db", "lib", "messages", "public", "workers"];
const FILES = [
  ...["package-lock.json", "next.config.js", "postcss.config.mjs", "instrumentation.ts", "tsconfig.json"],
  ...["admin.ts", "base.ts", "bundle.mjs", "demo.ts"].map((name) => join("scripts", name)),
];
const LOCK_LIMIT_MS = 15 * 60_000;
const KEPT_BUILDS = 3;

/** One folder a state of the sources: a running product keeps its build while the next one is made. */
export function buildFolder(root) {
  const hash = createHash("sha256").update(process.versions.node.split(".")[0]);
  const folders = FOLDERS.flatMap((name) => filesBelow(join(root, name)));
  for (const path of [...folders, ...FILES.map((name) => join(root, name))]) {
    if (!existsSync(path) || /\.test\.tsx?$/.test(path)) continue;
    hash.update(relative(root, path)).update("\0").update(readFileSync(path)).update("\0");
  }
  return join(root, "dist", hash.digest("hex").slice(0, 16));
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** The bundles of serve, worker, children and the commands. */
export function ensurePrograms(root, folder) {
  return once(folder, "programs", async () => {
    const { bundle } = await import(pathToFileURL(join(root, "scripts", "bundle.mjs")).href);
    await bundle(root, folder);
  });
}

/** `next build`, with the folder's own copy of the TypeScript settings: Next edits the file that it is given. */
export function ensurePages(root, folder) {
  return once(folder, "pages", async () => {
    const next = join(folder, "next");
    rmSync(next, { recursive: true, force: true });
    const { code, output } = await run(process.execPath, [programOf(root, "next"), "build"], {
      cwd: root,
      env: { ...process.env, ...nextEnv(root, folder), NODE_ENV: "production" },
    });
    if (code !== 0 || !existsSync(join(next, "BUILD_ID")))
      throw new StartError(`next build failed:\n${lastLines(output, 40)}`);
    rmSync(join(next, "cache"), { recursive: true, force: true });
    removeOld(join(root, "dist"), folder);
  });
}

export function nextEnv(root, folder) {
  const settings = join(folder, "tsconfig.json");
  if (!existsSync(settings)) {
    mkdirSync(folder, { recursive: true });
    const types = ["types", "dev/types"].map(
      (name) => `${relative(root, join(folder, "next"))}/${name}/**/*.ts`,
    );
    writeFileSync(settings, JSON.stringify({ extends: "../../tsconfig.json", include: types }));
  }
  return {
    GRAFT_NEXT_DIR: relative(root, join(folder, "next")),
    GRAFT_TSCONFIG: relative(root, settings),
    NEXT_TELEMETRY_DISABLED: "1",
  };
}

/** Runs `work` unless it was finished before; two starts that want the same build make it once. */
async function once(folder, name, work) {
  mkdirSync(folder, { recursive: true });
  const mark = join(folder, `${name}.json`);
  const lock = join(folder, `${name}.lock`);
  for (;;) {
    if (existsSync(mark)) {
      const now = new Date();
      utimesSync(folder, now, now);
      return "up to date";
    }
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (isAbandoned(lock)) rmSync(lock, { force: true });
      else await pause(200);
    }
  }
  try {
    await work();
    writeFileSync(mark, JSON.stringify({ madeAt: new Date().toISOString() }));
    return "made";
  } finally {
    rmSync(lock, { force: true });
  }
}

function isAbandoned(lock) {
  try {
    const holder = Number(readFileSync(lock, "utf8"));
    return (holder > 0 && !isAlive(holder)) || Date.now() - statSync(lock).mtimeMs > LOCK_LIMIT_MS;
  } catch {
    return false;
  }
}

function removeOld(dist, current) {
  const builds = readdirSync(dist)
    .filter((name) => /^[0-9a-f]{16}$/.test(name))
    .map((name) => join(dist, name))
    .filter((path) => path !== current)
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const path of builds.slice(KEPT_BUILDS - 1)) rmSync(path, { recursive: true, force: true });
}
