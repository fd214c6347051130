import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { readBlob } from "./storage";

interface Options {
  type?: string;
  sizeBytes?: number;
}

/** A customer's bytes as a download: never shown in the page, never guessed at by the browser. */
function headersOf(filename: string, type: string): Record<string, string> {
  const plain = filename.replace(/[^A-Za-z0-9._ -]/g, "_");
  const encoded = encodeURIComponent(filename).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return {
    "content-type": type,
    "content-disposition": `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`,
    "x-content-type-options": "nosniff",
    "cache-control": "private, no-store",
  };
}

export const blobResponse = async (key: string, filename: string, options?: Options) =>
  downloadResponse(await readBlob(key), filename, options);

/** A file that was made for this answer alone: its folder goes when the file was sent, or when nobody reads on. */
export function workResponse(path: string, dir: string, filename: string, options: Options): Response {
  const stream = createReadStream(path);
  stream.once("close", () => void rm(dir, { recursive: true, force: true }).catch(() => {}));
  return downloadResponse(stream, filename, options);
}

export function downloadResponse(from: Readable, filename: string, options: Options = {}): Response {
  return new Response(Readable.toWeb(from) as ReadableStream, {
    headers: {
      ...headersOf(filename, options.type ?? "application/octet-stream"),
      ...(options.sizeBytes === undefined ? {} : { "content-length": String(options.sizeBytes) }),
    },
  });
}

/** A document of ours, shown in the browser's reader. */
export const pdfResponse = (bytes: Buffer, filename: string): Response =>
  new Response(new Uint8Array(bytes), {
    headers: {
      "content-type": "application/pdf",
      "content-disposition": `inline; filename="${filename}"`,
      "cache-control": "private, no-store",
    },
  });

export const csvResponse = (text: string, filename: string): Response =>
  new Response(text, { headers: headersOf(filename, "text/csv; charset=utf-8") });
