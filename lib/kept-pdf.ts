import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { incomingDir } from "./home";
import { createId } from "./id";
import { readBlob, storeFile } from "./storage";

/** The PDF of a document that was issued is made once and kept: later readers get the very same bytes. */

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

interface Kept {
  key: string;
  /** Null before it was made. */
  hash: string | null;
  make: () => Promise<Buffer>;
  /** Stores the hash where there is none yet. */
  remember: (hash: string) => Promise<unknown>;
}

/** @throws Error where the stored bytes are not those that were made. */
export async function keptPdf({ key, hash, make, remember }: Kept): Promise<Buffer> {
  if (hash !== null) {
    const bytes = await buffer(await readBlob(key));
    if (sha256(bytes) !== hash) throw new Error(`the stored PDF ${key} is not the one that was made`);
    return bytes;
  }
  const bytes = await make();
  // Bytes first, then their hash: whoever reads the hash finds the file. Two at once write the same.
  const path = join(incomingDir(), `${createId("file")}.pdf`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  await storeFile(key, path);
  await remember(sha256(bytes));
  return bytes;
}
