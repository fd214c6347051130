import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** The records of stored NDJSON; whoever stops reading closes the blob. */
export async function* ndjsonOf<T>(bytes: Readable): AsyncGenerator<T> {
  try {
    for await (const line of createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY }))
      if (line !== "") yield JSON.parse(line);
  } finally {
    bytes.destroy();
  }
}
