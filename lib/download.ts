import { Readable } from "node:stream";
import { readBlob } from "./storage";

interface Options {
  type?: string;
  sizeBytes?: number;
}

export const blobResponse = async (key: string, filename: string, options?: Options) =>
  downloadResponse(await readBlob(key), filename, options);

/** A customer's bytes as a download: never shown in the page, never guessed at by the browser. */
export function downloadResponse(from: Readable, filename: string, options: Options = {}): Response {
  const body = Readable.toWeb(from) as ReadableStream;
  const plain = filename.replace(/[^A-Za-z0-9._ -]/g, "_");
  const encoded = encodeURIComponent(filename).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return new Response(body, {
    headers: {
      "content-type": options.type ?? "application/octet-stream",
      "content-disposition": `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`,
      "x-content-type-options": "nosniff",
      "cache-control": "private, no-store",
      ...(options.sizeBytes === undefined ? {} : { "content-length": String(options.sizeBytes) }),
    },
  });
}
