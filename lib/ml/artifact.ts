import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { floatsOf, ownBuffer, type ReadFile, vocabularyOf } from "./arrays";
import { storedLoraSchema, unpackLora } from "./base/lora-shape";
import { PRECISIONS, SCOPE_SCORES } from "./contract";
import type { NgramBlock } from "./linear/ngram-block";
import type { ServedAdapter, ServedWhole } from "./task";

/**
 * What a trained model is on disk: `manifest.json` and the files that it names, each with its sha256. Nothing in
 * it depends on time or machine, so the manifest's own hash names the model's content.
 */
export const FORMAT_VERSION = 1;

const manifestSchema = z.object({
  formatVersion: z.literal(FORMAT_VERSION),
  task: z.string(),
  recipe: z.string(),
  /** Null when the model needs no base. */
  base: z.object({ id: z.string(), sha256: z.string() }).nullable(),
  /** How the base answers for it; absent: float32. */
  precision: z.enum(PRECISIONS).optional(),
  labels: z.array(z.string()),
  /** Of `adapter.f32`; null when the base is read as it is. */
  adapter: storedLoraSchema.nullable(),
  temperature: z.number().positive(),
  /** How a text counts as out of scope; null when nothing told. Models from before it was chosen judge none. */
  scope: z
    .object({ score: z.enum(SCOPE_SCORES), threshold: z.number() })
    .nullable()
    .default(null),
  files: z.record(z.string(), z.object({ sha256: z.string(), bytes: z.number().int() })),
});
export type Manifest = z.infer<typeof manifestSchema>;

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Writes an artifact into an empty folder; returns the sha256 of its manifest. */
export async function writeArtifact(
  dir: string,
  manifest: Omit<Manifest, "formatVersion" | "files">,
  files: Record<string, Uint8Array>,
): Promise<string> {
  await mkdir(dir, { recursive: true });
  const listed: Manifest["files"] = {};
  for (const [name, bytes] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    listed[name] = { sha256: sha256(bytes), bytes: bytes.byteLength };
    await writeFile(join(dir, name), bytes);
  }
  const text = `${JSON.stringify({ formatVersion: FORMAT_VERSION, ...manifest, files: listed }, null, 2)}\n`;
  await writeFile(join(dir, "manifest.json"), text);
  return sha256(Buffer.from(text));
}

/** The files of a model are not what was written. */
export class ArtifactError extends Error {}

/** Reads an artifact whole. Throws an `ArtifactError` when the format is another or a file is not the one that was written. */
export async function readArtifact(
  dir: string,
): Promise<{ manifest: Manifest; files: Map<string, Buffer<ArrayBuffer>>; sizeBytes: number }> {
  const manifest = manifestOf(await readFile(join(dir, "manifest.json"), "utf8"), dir);
  const read = await Promise.all(
    Object.entries(manifest.files).map(async ([name, expected]) => {
      const bytes = ownBuffer(await readFile(join(dir, name)));
      if (sha256(bytes) !== expected.sha256)
        throw new ArtifactError(`${name} of the model in ${dir} was changed`);
      return [name, bytes] as const;
    }),
  );
  return {
    manifest,
    files: new Map(read),
    sizeBytes: read.reduce((sum, [, bytes]) => sum + bytes.length, 0),
  };
}

function manifestOf(text: string, dir: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new ArtifactError(`the manifest of the model in ${dir} cannot be read`, { cause });
  }
}

/** The adapter that a model's texts are read through, named by its content: equal matrices are one, whosever they are. */
export function adapterOf(
  { adapter, files }: Manifest,
  file: ReadFile,
  hidden: number,
): ServedAdapter | null {
  if (!adapter) return null;
  const lora = unpackLora(floatsOf(file("adapter.f32")), adapter, hidden);
  return { key: files["adapter.f32"]?.sha256 ?? "", lora };
}

/** What was changed in the base's matrices where it was tuned whole; a model without that file has none. */
export const CHANGE_FILE = "change.f32";
export function wholeOf({ files }: Pick<Manifest, "files">, file: ReadFile): ServedWhole | null {
  const stored = files[CHANGE_FILE];
  return stored ? { key: stored.sha256, change: floatsOf(file(CHANGE_FILE)) } : null;
}

/** The n-grams that count beside a head; null when the model has none. */
export function ngramsOf({ files }: Pick<Manifest, "files">, file: ReadFile): NgramBlock | null {
  if (!files["ngram-weights.i8"]) return null;
  const weights = file("ngram-weights.i8");
  return {
    vocabulary: vocabularyOf(file),
    weights: new Int8Array(weights.buffer, 0, weights.length),
    scales: floatsOf(file("ngram-scales.f32")),
  };
}

export const bytesOf = (array: Float32Array | Int32Array | Uint32Array | Int8Array) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
