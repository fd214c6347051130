import { createHash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { access, copyFile, link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { BASE_SOURCES } from "./base-sources";
import { env, sharedBasesDir } from "./env";
import { fail } from "./errors";
import { BASES } from "./ml/catalogue";
import type { BaseFiles } from "./ml/task";

/**
 * Pretrained bases on this machine. The published files are kept once per person and verified against the
 * catalogue; each home links them and adds the graph that ONNX Runtime runs.
 */
export type Base = (typeof BASES)[keyof typeof BASES];
/** Raised when the written graph changes, so that a home makes it again. */
const GRAPH_VERSION = 5;

export function baseById(id: string): Base {
  if (!Object.hasOwn(BASES, id)) fail("model_not_found", `There is no base \`${id}\`.`, "model");
  return BASES[id as keyof typeof BASES];
}

/** One hash for all published files: the same base on every machine, whoever wrote its graph. */
function identityOf(base: Base): string {
  const hash = createHash("sha256");
  for (const [name, sha256] of Object.entries(base.files).sort()) hash.update(`${name}:${sha256}\n`);
  return hash.digest("hex");
}

/** The base if it was made ready here before, else null. Its files were verified when they came. */
export async function installedBase(id: string): Promise<BaseFiles | null> {
  const base = baseById(id);
  const dir = join(env().basesDir, id);
  try {
    const note = JSON.parse(await readFile(join(dir, "base.json"), "utf8")) as Record<string, unknown>;
    const sha256 = identityOf(base);
    if (note.sha256 !== sha256 || note.graph !== GRAPH_VERSION) return null;
    for (const name of [...Object.keys(base.files), "model.onnx", "model.lora.onnx", "model.int8.onnx"])
      await access(join(dir, name));
    return { id, dir, sha256 };
  } catch {
    return null;
  }
}

/**
 * Makes a base ready: from the cache, else from each source in turn. Throws one sentence with the command
 * that tries again.
 */
export async function ensureBase(id: string, say: (line: string) => void = () => {}): Promise<BaseFiles> {
  const base = baseById(id);
  const installed = await installedBase(id);
  if (installed) return installed;
  const published = await publishedFiles(base, say);
  const dir = join(env().basesDir, id);
  const part = `${dir}.${process.pid}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  try {
    for (const name of Object.keys(base.files)) await place(join(published, name), join(part, name));
    say("writing the graph");
    const { writeBaseGraph } = await import("./ml/base/bert-graph");
    await writeBaseGraph(part);
    const sha256 = identityOf(base);
    await writeFile(join(part, "base.json"), JSON.stringify({ id, sha256, graph: GRAPH_VERSION }));
    // Another process may have been first, and read there already.
    const others = await installedBase(id);
    if (others) return others;
    await rm(dir, { recursive: true, force: true });
    await rename(part, dir);
    return { id, dir, sha256 };
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** A second name for the same bytes where the file system allows it. */
async function place(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}

/** The folder of the verified published files. */
async function publishedFiles(base: Base, say: (line: string) => void): Promise<string> {
  const cache = await writableFolder([sharedBasesDir(), join(env().basesDir, "published")]);
  const dir = join(cache, base.id);
  if (await isVerified(base, dir)) return dir;
  const problems: string[] = [];
  for (const source of BASE_SOURCES) {
    const part = `${dir}.${process.pid}.part`;
    await rm(part, { recursive: true, force: true });
    await mkdir(part, { recursive: true });
    try {
      say(`fetching ${base.title} from ${source.title}`);
      await source.fetchInto(base, part);
      const wrong = await firstWrongFile(base, part);
      if (wrong) throw new Error(`its ${wrong} is not the published one (sha256)`);
      await rm(dir, { recursive: true, force: true });
      await rename(part, dir);
      return dir;
    } catch (error) {
      problems.push(`${source.title}: ${(error as Error).message}`);
    } finally {
      await rm(part, { recursive: true, force: true });
    }
  }
  throw new Error(
    `The base ${base.title} could not be had (${problems.join("; ")}). Recipes that need it are left out; ` +
      `add it later with: npm run admin -- base add ${base.id}`,
  );
}

async function writableFolder(candidates: string[]): Promise<string> {
  for (const folder of candidates) {
    try {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.W_OK);
      return folder;
    } catch {
      // A read-only home of the person, as in a container: the next one.
    }
  }
  throw new Error(`none of these folders can be written: ${candidates.join(", ")}`);
}

const isVerified = async (base: Base, dir: string) => (await firstWrongFile(base, dir)) === null;

async function firstWrongFile(base: Base, dir: string): Promise<string | null> {
  for (const [name, expected] of Object.entries(base.files)) {
    const hash = createHash("sha256");
    try {
      await pipeline(createReadStream(join(dir, name)), hash);
    } catch {
      return name;
    }
    if (hash.digest("hex") !== expected) return name;
  }
  return null;
}
