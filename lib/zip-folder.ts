import { createReadStream, createWriteStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Zip, ZipPassThrough } from "fflate";

/** The format's first day, so that equal folders are equal archives. */
const TIME = new Date(1980, 0, 1);

/** Names of the files of a folder, with slashes, in one order everywhere. */
export async function filesOf(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

/**
 * Writes a zip of a folder, one piece of a file in memory at a time. Nothing is deflated: a model is nearly all weights,
 * and those are noise to it, seconds for a few per cent.
 */
export async function zipFolder(dir: string, target: string): Promise<void> {
  await pipeline(Readable.from(pieces(dir)), createWriteStream(target));
}

async function* pieces(dir: string): AsyncGenerator<Uint8Array> {
  let made: Uint8Array[] = [];
  const take = () => {
    const all = made;
    made = [];
    return all;
  };
  const zip = new Zip((error, piece) => {
    if (error) throw error;
    made.push(piece);
  });
  for (const name of await filesOf(dir)) {
    const entry = new ZipPassThrough(name);
    entry.mtime = TIME;
    zip.add(entry);
    for await (const chunk of createReadStream(join(dir, name))) {
      entry.push(chunk as Buffer);
      yield* take();
    }
    entry.push(new Uint8Array(0), true);
    yield* take();
  }
  zip.end();
  yield* take();
}
