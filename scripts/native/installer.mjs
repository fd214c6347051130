import { cpSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { lastLines, run } from "../start/run.mjs";
import { inPart } from "./cache.mjs";

/** A machine without internet must learn that in seconds; a slow one may take its time. */
const CONNECT_MS = 5000;
const LIMIT_MS = 4 * 60_000;

/**
 * The package's own installer, in a copy of the package: it edits its manifest and leaves halves behind when
 * it is ended. The copy lies beside the package, so that it finds what the installer imports.
 */
export async function runInstaller(flavour, part) {
  await reach(flavour.host);
  await inPart(join(dirname(flavour.folder), `.${flavour.kind}-${process.pid}.part`), async (copy) => {
    cpSync(flavour.folder, copy, {
      recursive: true,
      filter: (path) => !["deps", "lib"].includes(path.slice(flavour.folder.length + 1)),
    });
    const args = flavour.kind === "gpu" ? ["scripts/install.js", "gpu", "download"] : ["scripts/install.js"];
    const bin = join(dirname(dirname(flavour.folder)), ".bin");
    const { code, output, timedOut } = await run(process.execPath, args, {
      cwd: copy,
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
      timeoutMs: LIMIT_MS,
    });
    if (timedOut) throw new Error(`the installer took over ${LIMIT_MS / 60_000} minutes`);
    if (code !== 0) throw new Error(lastLines(output, 1));
    for (const name of ["lib/napi-v8", "deps/lib"]) {
      if (!existsSync(join(copy, name))) throw new Error(`the installer left no ${name}`);
      mkdirSync(dirname(join(part, name)), { recursive: true });
      cpSync(join(copy, name), join(part, name), { recursive: true, verbatimSymlinks: true });
    }
  });
}

/** Behind a proxy nothing can be said beforehand. */
async function reach(host) {
  if (process.env.HTTPS_PROXY || process.env.https_proxy) return;
  try {
    await fetch(host, { method: "HEAD", signal: AbortSignal.timeout(CONNECT_MS) });
  } catch (error) {
    throw new Error(`its download host does not answer (${error.cause?.code ?? error.name})`);
  }
}
