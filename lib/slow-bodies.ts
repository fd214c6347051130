import { AppError, fail } from "./errors";

/**
 * A body may take as long as its sender's line needs, but no sender holds a connection by saying nothing or next to nothing.
 * What counts is only the time in which we wait for a sender: what we ourselves take long to read is not its fault.
 */
const SILENT_MS = 10_000;
const GRACE_MS = 10_000;
const BYTES_PER_SECOND = 500;

/** The chunks of a body as they come; `request_timeout` when none comes for ten seconds, or less than 500 bytes a second. */
export async function* steady(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (!body) return;
  const reader = body.getReader();
  let [size, waitedMs] = [0, 0];
  try {
    for (;;) {
      const started = performance.now();
      const { done, value } = await inTime(reader.read(), SILENT_MS);
      waitedMs += performance.now() - started;
      if (done) return;
      size += value.byteLength;
      if (waitedMs > GRACE_MS && size < (waitedMs / 1000) * BYTES_PER_SECOND) fail("request_timeout");
      yield value;
    }
  } finally {
    // Whoever stops reading, for whatever reason, wants no more of it.
    void reader.cancel().catch(() => {});
  }
}

/** Throws `request_timeout` when it takes longer. */
export async function inTime<T>(read: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AppError("request_timeout")), ms);
  });
  try {
    return await Promise.race([read, late]);
  } finally {
    clearTimeout(timer);
  }
}
