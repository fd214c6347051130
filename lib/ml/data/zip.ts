import { type Readable, Transform } from "node:stream";
import { type Entry, openPromise } from "yauzl";
import { TrainingError } from "../task";

/**
 * Members of a zip, refused before anything is inflated when the archive is not what a customer would send:
 * path tricks, links, passwords, or a promise to grow beyond all proportion.
 */

/** What one member may grow to. */
const MAX_EXPANDED = 4 * 1024 ** 3;
/** Text repeats itself 3 to 60 times; deflate can do 1,032. Small members are exempt: they cannot hurt. */
const MAX_RATIO = 250;
const RATIO_FREE = 16 * 1024 ** 2;
const MAX_ENTRIES = 10_000;

export interface Member {
  name: string;
  sizeBytes: number;
}

export function unsafe(why: string): TrainingError {
  return new TrainingError("archive_unsafe", `The archive is not safe to open: ${why}.`, "file");
}

/** yauzl speaks in plain errors; all of them are about the customer's bytes except those of the disk. */
function asRefusal(error: unknown): unknown {
  if (error instanceof TrainingError || !(error instanceof Error)) return error;
  if (typeof (error as NodeJS.ErrnoException).code === "string" && "syscall" in error) return error;
  if (/relative path|absolute path|invalid characters in fileName/.test(error.message))
    return unsafe("a file name in it points outside the archive");
  return unsafe(`it is damaged or unusual (${error.message.slice(0, 120)})`);
}

function checkEntry(entry: Entry): void {
  if (entry.isEncrypted()) throw unsafe("it is protected by a password; send it without one");
  if (((entry.externalFileAttributes >>> 16) & 0xf000) === 0xa000) throw unsafe("it holds a link");
  const { compressedSize, uncompressedSize } = entry;
  const isBomb = uncompressedSize > RATIO_FREE && uncompressedSize > MAX_RATIO * compressedSize;
  if (isBomb || uncompressedSize > MAX_EXPANDED)
    throw unsafe(`${entry.fileName.slice(0, 80)} would expand to ${uncompressedSize} bytes`);
}

const open = (path: string) => openPromise(path, { lazyEntries: true, autoClose: false });

/** The files of an archive, without folders and what macOS adds. */
export async function listMembers(path: string): Promise<Member[]> {
  try {
    const zip = await open(path);
    try {
      if (zip.entryCount > MAX_ENTRIES) throw unsafe(`it holds ${zip.entryCount} entries`);
      const members: Member[] = [];
      for await (const entry of zip.eachEntry()) {
        if (/\/$|^__MACOSX\/|(^|\/)(\.DS_Store|\._[^/]*|Thumbs\.db)$/.test(entry.fileName)) continue;
        checkEntry(entry);
        members.push({ name: entry.fileName, sizeBytes: entry.uncompressedSize });
      }
      return members;
    } finally {
      zip.close();
    }
  } catch (error) {
    throw asRefusal(error);
  }
}

/** Counts what really comes out: the sizes in the directory are the sender's claim. */
function bound(limit: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > limit) done(unsafe("it expands to more than it says"));
      else done(null, chunk);
    },
  });
}

/** The inflated bytes of one member, as a stream of chunks. */
export async function* readMember(path: string, name: string): AsyncGenerator<Buffer> {
  try {
    const zip = await open(path);
    let source: Readable | null = null;
    try {
      for await (const entry of zip.eachEntry()) {
        if (entry.fileName !== name) continue;
        checkEntry(entry);
        source = await zip.openReadStreamPromise(entry);
        break;
      }
      if (source === null) throw unsafe(`${name.slice(0, 80)} is not in it`);
      const bounded = bound(MAX_EXPANDED);
      source.on("error", (error) => bounded.destroy(error));
      for await (const chunk of source.pipe(bounded)) yield chunk as Buffer;
    } finally {
      source?.destroy();
      zip.close();
    }
  } catch (error) {
    throw asRefusal(error);
  }
}
