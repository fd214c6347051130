import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, copyFile, link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { BASE_SOURCES } from "./base-sources";
import { env, sharedBasesDir } from "./env";
import { AppError, fail } from "./errors";
import { factsOf } from "./file-facts";
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

/** `base.json` of a home: which base lies there, and what its graphs were when they were written. */
const noteSchema = z.object({
  id: z.string(),
  sha256: z.string(),
  graph: z.number().int(),
  graphs: z.record(z.string(), z.object({ sha256: z.string(), bytes: z.number().int() })),
});
type Note = z.infer<typeof noteSchema>;

/** What is written of a base that lies here with these graphs. */
export const noteOf = (base: Base, graphs: Note["graphs"]): Note => ({
  id: base.id,
  sha256: identityOf(base),
  graph: GRAPH_VERSION,
  graphs,
});

/** One hash for all published files: the same base on every machine, whoever wrote its graph. */
function identityOf(base: Base): string {
  const hash = createHash("sha256");
  for (const [name, sha256] of Object.entries(base.files).sort()) hash.update(`${name}:${sha256}\n`);
  return hash.digest("hex");
}

/** Null where there is none of today's form. */
async function readNote(dir: string): Promise<Note | null> {
  const text = await readFile(join(dir, "base.json"), "utf8").catch(() => "null");
  try {
    return noteSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/**
 * The base if it was made ready here before, else null. Its files are what they were then: a process reads them once, and
 * again when one was touched. Throws `base_damaged` where one is another.
 */
export async function installedBase(id: string): Promise<BaseFiles | null> {
  const base = baseById(id);
  const dir = join(env().basesDir, id);
  const sha256 = identityOf(base);
  const note = await readNote(dir);
  if (note?.sha256 !== sha256 || note.graph !== GRAPH_VERSION) return null;
  const wrong = await firstWrongFile(dir, { ...publishedFacts(base), ...note.graphs });
  if (!wrong) return { id, dir, sha256 };
  const message =
    `The pretrained base \`${id}\` is damaged here: ${wrong} is not what was installed. ` +
    `Ask your provider to make it anew: npm run admin -- base add ${id}`;
  throw new AppError("base_damaged", { message, param: "model" });
}

export const isDamagedBase = (error: unknown): error is AppError =>
  error instanceof AppError && error.code === "base_damaged";

/** Null also where it is damaged: it is to be made anew. */
async function soundBase(id: string, say: (line: string) => void): Promise<BaseFiles | null> {
  try {
    return await installedBase(id);
  } catch (error) {
    if (!isDamagedBase(error)) throw error;
    say(error.message);
    return null;
  }
}

/**
 * Makes a base ready, also one that is damaged: from what is verified here, else from each source in turn. Throws one
 * sentence with the command that tries again.
 */
export async function ensureBase(id: string, say: (line: string) => void = () => {}): Promise<BaseFiles> {
  const base = baseById(id);
  const installed = await soundBase(id, say);
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
    const note = noteOf(base, await graphFacts(part));
    await writeFile(join(part, "base.json"), JSON.stringify(note));
    // Another process may have been first, and read there already.
    const others = await soundBase(id, () => {});
    if (others) return others;
    await rm(dir, { recursive: true, force: true });
    await rename(part, dir);
    return { id, dir, sha256: note.sha256 };
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

async function graphFacts(dir: string) {
  const graphs = (await readdir(dir)).filter((name) => name.endsWith(".onnx"));
  return Object.fromEntries(
    await Promise.all(graphs.map(async (name) => [name, await factsOf(join(dir, name))] as const)),
  );
}

/** A second name for the same bytes where the file system allows it. */
async function place(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}

/** The folder of the verified published files. */
async function publishedFiles(base: Base, say: (line: string) => void): Promise<string> {
  const cache = await writableFolder([sharedBasesDir(), join(env().basesDir, "published")]);
  const dir = join(cache, base.id);
  // A cache may be emptied, and an older home have them all the same.
  for (const known of [dir, join(env().basesDir, base.id)])
    if ((await firstWrongFile(known, publishedFacts(base))) === null) return known;
  const problems: string[] = [];
  for (const source of BASE_SOURCES) {
    const part = `${dir}.${process.pid}.part`;
    await rm(part, { recursive: true, force: true });
    await mkdir(part, { recursive: true });
    try {
      say(`fetching ${base.title} from ${source.title}`);
      await source.fetchInto(base, part);
      const wrong = await firstWrongFile(part, publishedFacts(base));
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

type Expected = Record<string, { sha256: string; bytes?: number }>;

const publishedFacts = (base: Base): Expected =>
  Object.fromEntries(Object.entries(base.files).map(([name, sha256]) => [name, { sha256 }]));

async function firstWrongFile(dir: string, expected: Expected): Promise<string | null> {
  for (const [name, { sha256, bytes }] of Object.entries(expected)) {
    const facts = await factsOf(join(dir, name)).catch(() => null);
    if (facts?.sha256 !== sha256 || (bytes !== undefined && facts.bytes !== bytes)) return name;
  }
  return null;
}
