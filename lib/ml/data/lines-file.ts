import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";
import type { RowPart } from "./cells";

const BUFFERED = 64 * 1024;

/** Appends text to a file in large pieces, never faster than the disk takes it. */
export function writeLines(path: string) {
  const stream = createWriteStream(path);
  // An error surfaces in the next `write` or in `end`; without a listener it would end the process.
  let failure: Error | null = null;
  stream.on("error", (error) => {
    failure = error;
  });
  let pending = "";
  async function flush(): Promise<void> {
    if (failure !== null) throw failure;
    const piece = pending;
    pending = "";
    if (piece !== "" && !stream.write(piece)) await once(stream, "drain");
  }
  return {
    async write(text: string): Promise<void> {
      pending += text;
      if (pending.length >= BUFFERED) await flush();
    },
    async end(): Promise<void> {
      await flush();
      stream.end();
      await finished(stream);
    },
    destroy: () => stream.destroy(),
  };
}
export type LineWriter = ReturnType<typeof writeLines>;

/** `given`: the file's target, where a person corrected it. `labelledBy`: where a model gave it, and nobody looked. */
export interface FrozenRow {
  line: number;
  input: RowPart;
  target: RowPart;
  given?: RowPart;
  labelledBy?: "model";
}

/** The records of an NDJSON file of ours. */
export async function* readNdjson<T>(path: string): AsyncGenerator<T> {
  const stream = createReadStream(path, { highWaterMark: 256 * 1024 });
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }))
      if (line !== "") yield JSON.parse(line);
  } finally {
    stream.destroy();
  }
}

/** The rows of a frozen `rows.ndjson`. */
export const readRowsFile = (path: string) => readNdjson<FrozenRow>(path);
