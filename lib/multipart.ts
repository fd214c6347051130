import { createWriteStream } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import busboy from "busboy";
import { AppError, fail } from "./errors";
import { discard, failTooLarge, maxUploadBytes, type Received, receive } from "./receive";
import { steady } from "./slow-bodies";

export interface Form {
  fields: ReadonlyMap<string, string>;
  filename: string;
  received: Received;
}

/** Room for the form's own text around the file. */
const FORM_BYTES = 1_000_000;

function openForm(request: Request): busboy.Busboy {
  const contentType = request.headers.get("content-type") ?? "";
  if (!/^multipart\/form-data/i.test(contentType)) fail("multipart_invalid");
  try {
    return busboy({
      headers: { "content-type": contentType },
      limits: { files: 4, fields: 20, fieldSize: 10_000, parts: 24 },
      defParamCharset: "utf8",
    });
  } catch {
    return fail("multipart_invalid");
  }
}

/** Reads a form whose part `file` is streamed to disk. A form that ends half-way leaves nothing behind. */
export const readForm = (request: Request): Promise<Form> =>
  streamForm(request, "file", maxUploadBytes(), (stream) => receive(stream));

/** The same of a part of a larger file, which may be anything. */
export const readPart = async (request: Request, limit: number): Promise<Received> =>
  (await streamForm(request, "data", limit, (stream) => receive(stream, limit, true))).received;

async function streamForm(
  request: Request,
  field: string,
  limit: number,
  take: (stream: Readable) => Promise<Received>,
): Promise<Form> {
  const form = openForm(request);
  if (Number(request.headers.get("content-length") ?? 0) > limit + FORM_BYTES) failTooLarge(limit);
  if (!request.body) fail("multipart_invalid");
  const fields = new Map<string, string>();
  let filename = "";
  let part: Promise<Received> | undefined;
  form.on("field", (name, value) => fields.set(name, value));
  form.on("file", (name, stream, info) => {
    if (name !== field || part) return stream.resume();
    filename = info.filename ?? "";
    // A form that ends here and now fails this stream before anybody reads it; unheard that ends the process.
    stream.on("error", () => {});
    part = take(stream);
    // A refused part ends the reading of the whole body.
    part.catch((error: Error) => form.destroy(error));
    return undefined;
  });
  try {
    await pipeline(steady(request.body), form);
    if (!part) return fail("multipart_invalid");
    return { fields, filename, received: await (part as Promise<Received>) };
  } catch (error) {
    await (part as Promise<Received> | undefined)?.then(discard, () => {});
    // Our own refusals, and a disk that is full, are not the form's fault.
    if (error instanceof AppError || (error as NodeJS.ErrnoException).syscall) throw error;
    return fail("multipart_invalid");
  }
}

/**
 * Reads a form of small files into a folder, each under the name of its part and never larger than told; all of them
 * must be there. Answers the form's fields.
 */
export async function readParts(
  request: Request,
  dir: string,
  limits: Readonly<Record<string, number>>,
): Promise<ReadonlyMap<string, string>> {
  const form = openForm(request);
  if (!request.body) fail("multipart_invalid");
  const fields = new Map<string, string>();
  const written = new Map<string, Promise<void>>();
  form.on("field", (name, value) => fields.set(name, value));
  form.on("file", (name, stream) => {
    const limit = Object.hasOwn(limits, name) ? limits[name] : undefined;
    if (limit === undefined || written.has(name)) return stream.resume();
    // A form that ends here and now fails this stream before anybody reads it; unheard that ends the process.
    stream.on("error", () => {});
    const part = pipeline(stream, bound(name, limit), createWriteStream(join(dir, name)));
    part.catch((error: Error) => form.destroy(error));
    written.set(name, part);
    return undefined;
  });
  try {
    await pipeline(steady(request.body), form);
    await Promise.all(written.values());
  } catch (error) {
    await Promise.allSettled(written.values());
    if (error instanceof AppError || (error as NodeJS.ErrnoException).syscall) throw error;
    return fail("multipart_invalid");
  }
  const missing = Object.keys(limits).find((name) => !written.has(name));
  if (missing !== undefined) fail("multipart_invalid", `The form has no file \`${missing}\`.`, missing);
  return fields;
}

function bound(name: string, limit: number) {
  let size = 0;
  return async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > limit) fail("file_too_large", `\`${name}\` is larger than ${limit / 1_000_000} MB.`, name);
      yield chunk;
    }
  };
}
