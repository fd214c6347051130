import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { storedLoraSchema } from "./base/lora-shape";
import { SCOPE_SCORES } from "./contract";

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

/** Reads an artifact whole. Throws when the format is another or a file is not the one that was written. */
export async function readArtifact(
  dir: string,
): Promise<{ manifest: Manifest; files: Map<string, Buffer<ArrayBuffer>>; sizeBytes: number }> {
  const manifest = manifestSchema.parse(JSON.parse(await readFile(join(dir, "manifest.json"), "utf8")));
  const files = new Map<string, Buffer<ArrayBuffer>>();
  let sizeBytes = 0;
  for (const [name, expected] of Object.entries(manifest.files)) {
    // Copied into a buffer of its own: typed arrays over it must begin on their element's boundary.
    const read = await readFile(join(dir, name));
    const bytes = Buffer.from(new ArrayBuffer(read.length));
    read.copy(bytes);
    if (sha256(bytes) !== expected.sha256) throw new Error(`${name} of the model in ${dir} was changed`);
    files.set(name, bytes);
    sizeBytes += bytes.length;
  }
  return { manifest, files, sizeBytes };
}

export const bytesOf = (array: Float32Array | Int32Array | Uint32Array | Int8Array) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Unit-length rows as int8 with one scale a row: a quarter of the size, cosine off by under 0.005. */
export function packRows(rows: readonly Float32Array[]): { values: Int8Array; scales: Float32Array } {
  const columns = rows[0]?.length ?? 0;
  const values = new Int8Array(rows.length * columns);
  const scales = new Float32Array(rows.length);
  for (const [i, row] of rows.entries()) {
    let most = 0;
    for (const x of row) most = Math.max(most, Math.abs(x));
    scales[i] = most / 127;
    for (const [j, x] of row.entries()) values[i * columns + j] = most ? Math.round((x / most) * 127) : 0;
  }
  return { values, scales };
}

export function unpackRows(values: Int8Array, scales: Float32Array): Float32Array[] {
  const columns = values.length / Math.max(1, scales.length);
  return Array.from(scales, (scale, i) =>
    Float32Array.from(values.subarray(i * columns, (i + 1) * columns), (v) => v * scale),
  );
}
