import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import busboy from "busboy";
import { AppError, fail } from "./errors";
import { discard, failTooLarge, maxUploadBytes, type Received, receive } from "./receive";

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
export async function readForm(request: Request): Promise<Form> {
  const form = openForm(request);
  if (Number(request.headers.get("content-length") ?? 0) > maxUploadBytes() + FORM_BYTES)
    failTooLarge(maxUploadBytes());
  if (!request.body) fail("multipart_invalid");
  const fields = new Map<string, string>();
  let filename = "";
  let part: Promise<Received> | undefined;
  form.on("field", (name, value) => fields.set(name, value));
  form.on("file", (name, stream, info) => {
    if (name !== "file" || part) return stream.resume();
    filename = info.filename ?? "";
    // A form that ends here and now fails this stream before anybody reads it; unheard that ends the process.
    stream.on("error", () => {});
    part = receive(stream);
    // A refused part ends the reading of the whole body.
    part.catch((error: Error) => form.destroy(error));
    return undefined;
  });
  try {
    await pipeline(Readable.fromWeb(request.body as ReadableStream), form);
    if (!part) return fail("multipart_invalid");
    return { fields, filename, received: await (part as Promise<Received>) };
  } catch (error) {
    await (part as Promise<Received> | undefined)?.then(discard, () => {});
    // Our own refusals, and a disk that is full, are not the form's fault.
    if (error instanceof AppError || (error as NodeJS.ErrnoException).syscall) throw error;
    return fail("multipart_invalid");
  }
}
