import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/**
 * What was built once for a person on a machine, so that a second clone needs seconds. A folder is laid out
 * like the package that it is for, is made under another name and renamed when it is whole, and says in
 * `native.json` how large each file must be.
 */
const MARK = "native.json";
/** Left by a start that was killed; older than any build takes. */
const ABANDONED_MS = 3600_000;

export function cacheRoot() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "graft", "native");
}

export function cacheFolder({ kind, tfjs }, tensorflow) {
  const parts = [tfjs, tensorflow, process.platform, process.arch, ...(kind === "gpu" ? ["gpu"] : [])];
  return join(cacheRoot(), parts.join("-"));
}

function filesOf(folder) {
  return ["lib/napi-v8", "deps/lib"].flatMap((part) =>
    existsSync(join(folder, part)) ? readdirSync(join(folder, part)).map((name) => `${part}/${name}`) : [],
  );
}

/** Whether every file is there at its full size. */
export function isComplete(folder) {
  try {
    const { files } = JSON.parse(readFileSync(join(folder, MARK), "utf8"));
    return Object.entries(files).every(([name, size]) => statSync(join(folder, name)).size === size);
  } catch {
    return false;
  }
}

/** Runs `work(part)` and keeps what it made; whoever comes second uses what the first one kept. */
export async function keep(folder, work) {
  mkdirSync(dirname(folder), { recursive: true });
  removeAbandoned(dirname(folder));
  await inPart(`${folder}.${process.pid}.part`, async (part) => {
    mkdirSync(part);
    await work(part);
    const sizes = filesOf(part).map((name) => [name, statSync(join(part, name)).size]);
    writeFileSync(join(part, MARK), JSON.stringify({ files: Object.fromEntries(sizes) }));
    if (isComplete(folder)) return;
    rmSync(folder, { recursive: true, force: true });
    try {
      renameSync(part, folder);
    } catch (error) {
      if (!isComplete(folder)) throw error;
    }
  });
}

/** Runs `work(part)` and removes what it left there, also when the process is told to end meanwhile. */
export async function inPart(part, work) {
  const clear = () => rmSync(part, { recursive: true, force: true });
  clear();
  process.on("exit", clear);
  try {
    await work(part);
  } finally {
    clear();
    process.off("exit", clear);
  }
}

function removeAbandoned(root) {
  for (const name of readdirSync(root)) {
    const path = join(root, name);
    if (name.endsWith(".part") && Date.now() - lstatSync(path).mtimeMs > ABANDONED_MS)
      rmSync(path, { recursive: true, force: true });
  }
}

/** Puts the files into the package: libraries first, since the binding's presence says that all is there. */
export function place(folder, packageFolder) {
  const names = filesOf(folder).sort((a, b) => Number(a.startsWith("lib/")) - Number(b.startsWith("lib/")));
  for (const name of names) {
    const [from, to] = [join(folder, name), join(packageFolder, name)];
    const part = `${to}.${process.pid}.part`;
    mkdirSync(dirname(to), { recursive: true });
    rmSync(part, { force: true });
    if (lstatSync(from).isSymbolicLink()) symlinkSync(readlinkSync(from), part);
    else linkOrCopy(from, part);
    renameSync(part, to);
    // Renaming one name of a file over another name of it does nothing and leaves both.
    rmSync(part, { force: true });
  }
}

/** One copy on disk for all clones; a symbolic link where the clone lies on another disk. */
function linkOrCopy(from, to) {
  for (const way of [linkSync, symlinkSync, copyFileSync])
    try {
      return way(from, to);
    } catch (error) {
      if (way === copyFileSync) throw error;
    }
}
