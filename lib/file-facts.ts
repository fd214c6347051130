import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

export interface FileFacts {
  sha256: string;
  bytes: number;
}

/** Some milliseconds of hashing at a time, between which others have their turn. */
const CHUNK_BYTES = 1 << 20;
const known = new Map<string, { stamp: string; facts: Promise<FileFacts> }>();

/**
 * What a file holds. It is read at a process's first question and when its size, times or inode are others than then, so
 * asking again costs a look at the folder. Throws where it cannot be read.
 */
export async function factsOf(path: string): Promise<FileFacts> {
  const { size, mtimeNs, ctimeNs, ino } = await stat(path, { bigint: true });
  const stamp = [size, mtimeNs, ctimeNs, ino].join();
  const before = known.get(path);
  if (before?.stamp === stamp) return before.facts;
  const facts = readFacts(path);
  known.set(path, { stamp, facts });
  facts.catch(() => known.delete(path));
  return facts;
}

async function readFacts(path: string): Promise<FileFacts> {
  const hash = createHash("sha256");
  const source = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  await pipeline(source, hash);
  return { sha256: hash.digest("hex"), bytes: source.bytesRead };
}
