import { createHash, randomBytes } from "node:crypto";
import { appendFile, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { ServedAdapter, Tokenize } from "../task";
import type { OpenBase } from "./forward";
import { lengthBatches } from "./length-batches";

const HASH_BYTES = 16;
const CHECK_BYTES = 4;
/** Raised when a record gets another form: files of another form are not read. */
const FORMAT = 2;
/** Padded tokens and rows in one forward: larger batches gain nothing on a CPU and hold more memory. */
const BATCH_TOKENS = 2048;
const BATCH_ROWS = 64;

interface Options {
  /** Folder of this tenant's cache. */
  cacheDir: string;
  /** Of the base, or of the base and an adapter of it: embeddings of one reader have files of their own. */
  readerSha256: string;
  adapter: ServedAdapter | null;
  hidden: number;
  tokenize: Tokenize;
  base: OpenBase;
  signal: AbortSignal;
  onProgress(done: number, total: number): void;
}

/**
 * Embeddings of texts in their order, [hidden] each. Equal texts are computed once, sequences of like length
 * together, and every result is kept in the cache by content hash: the next training of the same rows reads it.
 */
export async function embedTexts(texts: readonly string[], options: Options): Promise<Float32Array[]> {
  const { adapter } = options;
  await mkdir(options.cacheDir, { recursive: true });
  const prefix = `${options.readerSha256.slice(0, 16)}.${FORMAT}.`;
  const known = await readCache(options.cacheDir, prefix, options.hidden);
  // Nobody else writes here: two trainings of a tenant run beside each other, and what a crash or a full disk cut is the
  // last of its file, so no record ever lies behind a piece of one.
  const path = join(options.cacheDir, `${prefix}${randomBytes(8).toString("hex")}.f32`);
  const keys = texts.map((text) =>
    createHash("sha256")
      .update(text)
      .digest("hex")
      .slice(0, HASH_BYTES * 2),
  );
  const wanted = new Map<string, Int32Array>();
  for (const [i, key] of keys.entries())
    if (!known.has(key) && !wanted.has(key)) wanted.set(key, options.tokenize(texts[i] ?? "").ids);
  const queue = [...wanted];
  let done = 0;
  for (const rows of lengthBatches(
    queue.map(([, ids]) => ids.length),
    BATCH_TOKENS,
    BATCH_ROWS,
  )) {
    options.signal.throwIfAborted();
    const batch = rows.map((row) => queue[row] as (typeof queue)[number]);
    const results = await options.base.embed(batch.map(([, ids]) => (adapter ? { ids, adapter } : { ids })));
    const records = batch.map(([key], i) => {
      const values = results[i] ?? new Float32Array(options.hidden);
      known.set(key, values);
      return recordOf(key, values);
    });
    await appendFile(path, Buffer.concat(records));
    done += rows.length;
    options.onProgress(done, queue.length);
  }
  return keys.map((key) => known.get(key) ?? new Float32Array(options.hidden));
}

/** The text's hash, its vector, and the CRC-32 of both. */
function recordOf(key: string, values: Float32Array): Buffer {
  const content = Buffer.concat([
    Buffer.from(key, "hex"),
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  ]);
  const check = Buffer.alloc(CHECK_BYTES);
  check.writeUInt32LE(crc32(content));
  return Buffer.concat([content, check]);
}

/** A record that is cut off or not what was written is left out, and so computed again. */
async function readCache(
  cacheDir: string,
  prefix: string,
  hidden: number,
): Promise<Map<string, Float32Array>> {
  const known = new Map<string, Float32Array>();
  const contentBytes = HASH_BYTES + hidden * 4;
  for (const name of (await readdir(cacheDir)).filter((one) => one.startsWith(prefix))) {
    const bytes = await readFile(join(cacheDir, name));
    for (let at = 0; at + contentBytes + CHECK_BYTES <= bytes.length; at += contentBytes + CHECK_BYTES) {
      const content = bytes.subarray(at, at + contentBytes);
      if (crc32(content) !== bytes.readUInt32LE(at + contentBytes)) continue;
      const values = new Float32Array(hidden);
      Buffer.from(values.buffer).set(content.subarray(HASH_BYTES));
      known.set(content.toString("hex", 0, HASH_BYTES), values);
    }
  }
  return known;
}
