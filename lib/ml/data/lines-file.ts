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

/** The rows of a frozen `rows.ndjson`. */
export async function* readRowsFile(
  path: string,
): AsyncGenerator<{ line: number; input: RowPart; target: RowPart }> {
  const stream = createReadStream(path, { highWaterMark: 256 * 1024 });
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }))
      if (line !== "") yield JSON.parse(line);
  } finally {
    stream.destroy();
  }
}
