import { createHash } from "node:crypto";
import { open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Run } from "../task";
import type { Checkpoint } from "./loop";

/** A point to go on from, as bytes: a JSON head with sizes, then the float32 arrays one after the other. */
export interface Snapshot {
  step: number;
  arrays: Float32Array[];
}

export function packSnapshot({ step, arrays }: Snapshot): Uint8Array {
  const head = Buffer.from(JSON.stringify({ step, sizes: arrays.map((array) => array.length) }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  const bytes = arrays.map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return Buffer.concat([length, head, ...bytes]);
}

function readHead(packed: Uint8Array) {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const from = 4 + bytes.readUInt32LE(0);
  const head = JSON.parse(bytes.toString("utf8", 4, from)) as { step: number; sizes: number[] };
  return { bytes, from, ...head };
}

/** Throws when the bytes are not whole. */
export function unpackSnapshot(packed: Uint8Array): Snapshot {
  const { bytes, from, step, sizes } = readHead(packed);
  const total = sizes.reduce((sum, size) => sum + size * 4, 0);
  if (from + total !== bytes.length) throw new Error("the snapshot is not whole");
  let at = from;
  const arrays = sizes.map((size) => {
    const array = new Float32Array(size);
    Buffer.from(array.buffer).set(bytes.subarray(at, at + size * 4));
    at += size * 4;
    return array;
  });
  return { step, arrays };
}

/** What a snapshot holds and in which order. Raised when that changes: an attempt after an upgrade starts anew. */
const LAYOUT = 1;
const SEAL_BYTES = 32;

/** The name of one fit's checkpoint: with any other setting (rows, seed, rates ...) it is another name. */
export function checkpointName(fit: string, settings: unknown): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([LAYOUT, settings]))
    .digest("hex");
  return `${fit}-${hash.slice(0, 16)}`;
}

/** Over the name too, so that a file that was renamed to another fit's is not taken for it. */
const sealOf = (name: string, state: Uint8Array) =>
  createHash("sha256").update(`${name}\n`).update(state).digest();

/**
 * The checkpoint of one fit in a folder that exists: the sha256, then the snapshot, written beside and renamed. It
 * helps and never hinders: what cannot be read is a fit from the beginning, what cannot be written is one warning.
 */
export function fileCheckpoint(dir: string, name: string, log: Run["log"]): Checkpoint {
  const path = join(dir, `${name}.checkpoint`);
  let hasFailed = false;
  return {
    async save(state) {
      try {
        await writeWhole(path, [sealOf(name, state), state]);
      } catch (error) {
        if (!hasFailed) log("warn", whyNotSaved(error as NodeJS.ErrnoException));
        hasFailed = true;
      }
    },
    async load() {
      await removeParts(dir, name);
      try {
        const bytes = await readFile(path);
        const state = bytes.subarray(SEAL_BYTES);
        if (!sealOf(name, state).equals(bytes.subarray(0, SEAL_BYTES)))
          throw new Error("it is cut, changed or of another fit");
        log("info", `Going on from step ${readHead(state).step}`);
        return state;
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        // The code alone: a message of the system has our paths in it.
        if (code !== "ENOENT") log("warn", `A checkpoint was ignored: ${code ?? message}`);
        return null;
      }
    },
  };
}

export function whyNotSaved({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOSPC") return "The disk is full; the training goes on without checkpoints";
  return `A checkpoint was not written: ${code ?? message}`;
}

/** Beside and renamed: whole or not at all, even when the power goes. Not twice at once for one path. */
export async function writeWhole(path: string, parts: readonly Uint8Array[]): Promise<void> {
  // An attempt that lost its job may still write for a moment; it must not write into ours.
  const part = `${path}.${process.pid}.part`;
  try {
    await writeSynced(part, parts);
    await rename(part, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw error;
  }
}

async function writeSynced(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, "w");
  try {
    for (const bytes of parts) await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Without it the new name itself may be lost with the power. */
async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir);
  await folder.sync().finally(() => folder.close());
}

/** What attempts that were killed while they wrote left behind. */
async function removeParts(dir: string, name: string): Promise<void> {
  for (const file of await readdir(dir).catch(() => []))
    if (file.startsWith(`${name}.`) && file.endsWith(".part"))
      await rm(join(dir, file), { force: true }).catch(() => {});
}
