import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServedAdapter, Tokenize } from "../task";
import type { OpenBase } from "./forward";
import { lengthBatches } from "./length-batches";

const HASH_BYTES = 16;
/** Padded tokens and rows in one forward: larger batches gain nothing on a CPU and hold more memory. */
const BATCH_TOKENS = 2048;
const BATCH_ROWS = 64;

interface Options {
  /** Folder of this tenant's cache. */
  cacheDir: string;
  /** Of the base, or of the base and an adapter of it: embeddings of one reader are one file. */
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
  const path = join(options.cacheDir, `${options.readerSha256.slice(0, 16)}.f32`);
  await mkdir(options.cacheDir, { recursive: true });
  const known = await readCache(path, options.hidden);
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
      return Buffer.concat([
        Buffer.from(key, "hex"),
        Buffer.from(values.buffer, values.byteOffset, values.byteLength),
      ]);
    });
    // One append of whole records: two trainings of a tenant may write the same file.
    await appendFile(path, Buffer.concat(records));
    done += rows.length;
    options.onProgress(done, queue.length);
  }
  return keys.map((key) => known.get(key) ?? new Float32Array(options.hidden));
}

async function readCache(path: string, hidden: number): Promise<Map<string, Float32Array>> {
  const known = new Map<string, Float32Array>();
  const bytes = await readFile(path).catch(() => Buffer.alloc(0));
  const record = HASH_BYTES + hidden * 4;
  // A record that was cut off by a crash is simply computed again.
  for (let at = 0; at + record <= bytes.length; at += record) {
    const values = new Float32Array(hidden);
    Buffer.from(values.buffer).set(bytes.subarray(at + HASH_BYTES, at + record));
    known.set(bytes.toString("hex", at, at + HASH_BYTES), values);
  }
  return known;
}
