import { fail } from "./errors";
import { inTime, steady } from "./slow-bodies";

/** What a request carries, never more than allowed, whatever its headers claim. */

const MAX_JSON_BYTES = 1_000_000;

/** A body up to here is waited for whole, so long. */
const SMALL_BYTES = 64_000;
const SMALL_MS = 10_000;

/** A refusal arrives only when the sender's bytes were taken: a connection closed before that is reset. */
const DRAINED_BYTES = 64_000_000;

/** Reads at most `limit` bytes, whatever the content-length header claims; more is read and dropped. */
export async function readBytes(request: Request, limit = MAX_JSON_BYTES): Promise<Buffer> {
  const announced = Number(request.headers.get("content-length") ?? Number.NaN);
  if (announced > limit + DRAINED_BYTES) fail("body_too_large");
  // Node takes no byte more than was announced, so this is bounded; a stream of its own costs half a millisecond.
  if (announced <= Math.min(limit, SMALL_BYTES)) {
    const bytes = Buffer.from(await inTime(request.arrayBuffer(), SMALL_MS));
    return bytes.byteLength <= limit ? bytes : fail("body_too_large");
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of steady(request.body)) {
    size += chunk.byteLength;
    if (size > limit + DRAINED_BYTES) fail("body_too_large");
    if (size <= limit) chunks.push(chunk);
  }
  if (size > limit) fail("body_too_large");
  return Buffer.concat(chunks);
}

export const readJson = async (request: Request, limit?: number): Promise<unknown> =>
  jsonOf(await readBytes(request, limit));

/** Nothing at all is an empty object. */
export function jsonOf(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    return fail("json_invalid");
  }
}
