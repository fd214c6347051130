import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { env } from "./env";
import { fail } from "./errors";
import { incomingDir } from "./home";
import { createId } from "./id";

/** Bytes of a customer on their way in: on this machine's disk, looked at, not yet a file of the tenant. */
export interface Received {
  path: string;
  sizeBytes: number;
  sha256: string;
}

export const maxUploadBytes = () => env().GRAFT_MAX_UPLOAD_MB * 1_000_000;

/** Enough for any signature and for the NUL bytes of a binary format. */
const HEAD_BYTES = 8192;
const BINARY_STARTS = [
  "89504e47", // PNG
  "ffd8ff", // JPEG
  "474946383", // GIF
  "25504446", // PDF
  "1f8b", // gzip
  "d0cf11e0", // Office before 2007
];

/** Refuses what the size or the first bytes give away; everything else is for the check to read. */
function createInspector(limit: number, mayBeBinary = false) {
  const hash = createHash("sha256");
  let head = Buffer.alloc(0);
  let sizeBytes = 0;
  let hasContent = false;
  return {
    see(chunk: Buffer): void {
      sizeBytes += chunk.length;
      if (sizeBytes > limit) failTooLarge(limit);
      hash.update(chunk);
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk]).subarray(0, HEAD_BYTES);
      // 0xEF 0xBB 0xBF, 0xFE and 0xFF are byte order marks: a file of one mark and blanks is empty too.
      hasContent ||= chunk.some((byte) => byte > 0x20 && ![0xef, 0xbb, 0xbf, 0xfe, 0xff].includes(byte));
    },
    verdict(): { sizeBytes: number; sha256: string } {
      if (!hasContent) fail("file_empty", undefined, "file");
      if (!mayBeBinary && isBinary(head)) fail("file_binary", undefined, "file");
      return { sizeBytes, sha256: hash.digest("hex") };
    },
  };
}

export function failTooLarge(limit: number): never {
  fail("file_too_large", `The file is larger than ${Math.floor(limit / 1_000_000)} MB.`, "file");
}

function isBinary(head: Buffer): boolean {
  const hex = head.subarray(0, 8).toString("hex");
  if (BINARY_STARTS.some((start) => hex.startsWith(start))) return true;
  const isZip = hex.startsWith("504b0304");
  const isUtf16 = hex.startsWith("fffe") || hex.startsWith("feff");
  return !isZip && !isUtf16 && head.includes(0);
}

/** Streams to a file of our own; when anything goes wrong nothing stays. */
export async function receive(
  stream: Readable,
  limit = maxUploadBytes(),
  mayBeBinary = false,
): Promise<Received> {
  await mkdir(incomingDir(), { recursive: true });
  const path = join(incomingDir(), createId("file"));
  const inspector = createInspector(limit, mayBeBinary);
  // Opened before a byte flows: a stream that opens it later might do so after its removal.
  const file = await open(path, "wx", 0o600);
  try {
    await pipeline(
      stream,
      async function* (source: AsyncIterable<Buffer>) {
        for await (const chunk of source) {
          inspector.see(chunk);
          yield chunk;
        }
      },
      file.createWriteStream(),
    );
    return { path, ...inspector.verdict() };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** The same look at bytes that already lie on this machine. */
export async function receiveLocal(path: string, limit = maxUploadBytes()): Promise<Received> {
  const inspector = createInspector(limit);
  for await (const chunk of createReadStream(path)) inspector.see(chunk as Buffer);
  return { path, ...inspector.verdict() };
}

export const discard = (received: Received) => rm(received.path, { force: true });

/** Removes what lies longer than a day below a folder of unfinished uploads: its sender has gone away. */
export async function sweepFolder(dir: string, olderMs = 86_400_000): Promise<void> {
  for (const name of await readdir(dir).catch(() => [])) {
    const path = join(dir, name);
    const found = await stat(path).catch(() => null);
    if (found && Date.now() - found.mtimeMs > olderMs) await rm(path, { recursive: true, force: true });
  }
}

export const sweepIncoming = () => sweepFolder(incomingDir());
