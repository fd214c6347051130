import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, normalize, sep } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { S3Client } from "@aws-sdk/client-s3";
import { env } from "./env";
import { fail } from "./errors";
import { openWorkDir } from "./work-dirs";

/**
 * Blobs by key, in a folder of the home or in an S3 bucket. Every key begins with a tenant's id, so a
 * tenant's data goes with a few prefixes. A blob is whole or absent: written beside, then renamed.
 */
export const fileKey = (tenantId: string, fileId: string) => `${tenantId}/files/${fileId}`;
export const versionKey = (tenantId: string, versionId: string, name: "rows.ndjson" | "rejects.csv") =>
  `${tenantId}/versions/${versionId}/${name}`;
export const splitKey = (tenantId: string, datasetId: string) => `${tenantId}/datasets/${datasetId}/split`;
/** Files that only an unfinished job needs; without a name the prefix of all of them. */
export const jobKey = (tenantId: string, jobId: string, name: string) => `${tenantId}/jobs/${jobId}/${name}`;
export const invoiceKey = (tenantId: string, invoiceId: string) => `${tenantId}/invoices/${invoiceId}.pdf`;
export const creditNoteKey = (tenantId: string, id: string) => `${tenantId}/credit-notes/${id}.pdf`;
/** Answers of an acceptance run beside the labels: rows, so the customer's alone. */
export const runKey = (tenantId: string, runId: string) => `${tenantId}/acceptance/${runId}.ndjson`;
/** Everything of a tenant but its documents. */
export const tenantPrefixes = (tenantId: string) =>
  ["files", "versions", "datasets", "jobs", "acceptance", "attachments", "models", "batches", "uploads"].map(
    (kind) => `${tenantId}/${kind}/`,
  );
export const documentsPrefix = (tenantId: string) => `${tenantId}/invoices/`;
export const attachmentKey = (tenantId: string, id: string) => `${tenantId}/attachments/${id}`;
/** A part of an upload; without an id the prefix of all of them. */
export const uploadKey = (tenantId: string, uploadId: string, partId: string) =>
  `${tenantId}/uploads/${uploadId}/${partId}`;
/** A part of a batch's answers; without a name the prefix of all of them. */
export const batchKey = (tenantId: string, batchId: string, name: string) =>
  `${tenantId}/batches/${batchId}/${name}`;
export const modelKey = (tenantId: string, modelId: string, name: string) =>
  `${tenantId}/models/${modelId}/${name}`;

/** At most, to the bucket: a download holds one for as long as its reader takes. */
const CONNECTIONS = 500;

function folderPath(key: string): string {
  const root = join(env().home, "storage");
  const path = normalize(join(root, key));
  if (!path.startsWith(root + sep)) throw new Error("a storage key must stay inside the storage folder");
  return path;
}

let ofProcess: Promise<S3Client> | undefined;
/** One for the process, which keeps its connections. */
const s3 = (): Promise<S3Client> => (ofProcess ??= openS3());
async function openS3(): Promise<S3Client> {
  const { S3Client } = await import("@aws-sdk/client-s3");
  const { S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = env();
  return new S3Client({
    requestHandler: { httpsAgent: { maxSockets: CONNECTIONS }, httpAgent: { maxSockets: CONNECTIONS } },
    region: S3_REGION,
    ...(S3_ENDPOINT ? { endpoint: S3_ENDPOINT, forcePathStyle: true } : {}),
    ...(S3_ACCESS_KEY_ID && S3_SECRET_ACCESS_KEY
      ? { credentials: { accessKeyId: S3_ACCESS_KEY_ID, secretAccessKey: S3_SECRET_ACCESS_KEY } }
      : {}),
  });
}

/** Moves a finished local file into storage; the local file is gone afterwards. */
export async function storeFile(key: string, localPath: string): Promise<void> {
  const bucket = env().S3_BUCKET;
  if (bucket) {
    const { PutObjectCommand } = await import("@aws-sdk/client-s3");
    const { size } = await stat(localPath);
    await (await s3()).send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: createReadStream(localPath),
        ContentLength: size,
      }),
    );
    return rm(localPath, { force: true });
  }
  const path = folderPath(key);
  await mkdir(dirname(path), { recursive: true });
  await rename(localPath, path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "EXDEV") throw error;
    await pipeline(createReadStream(localPath), createWriteStream(`${path}.part`));
    await rename(`${path}.part`, path);
    await rm(localPath, { force: true });
  });
}

export async function readBlob(key: string): Promise<Readable> {
  const bucket = env().S3_BUCKET;
  if (bucket) {
    const { GetObjectCommand, NoSuchKey } = await import("@aws-sdk/client-s3");
    try {
      return (await (await s3()).send(new GetObjectCommand({ Bucket: bucket, Key: key }))).Body as Readable;
    } catch (error) {
      if (error instanceof NoSuchKey) fail("not_found");
      throw error;
    }
  }
  const path = folderPath(key);
  await stat(path).catch(() => fail("not_found"));
  return createReadStream(path);
}

/** A local path with the blob's bytes, for children that read files. Copies only from S3. */
export async function localCopy(key: string, target: string): Promise<string> {
  if (!env().S3_BUCKET) {
    const path = folderPath(key);
    await stat(path).catch(() => fail("not_found"));
    return path;
  }
  await mkdir(dirname(target), { recursive: true });
  await pipeline(await readBlob(key), createWriteStream(`${target}.part`));
  await rename(`${target}.part`, target);
  return target;
}

/**
 * Gives `use` a local folder with the blobs of these names below a prefix. Where storage is a folder it is that one, and what is
 * missing in it is found by who reads it. From S3 they are copied into a folder of this use alone, which goes with it.
 */
export async function withFolder<T>(
  prefix: string,
  names: readonly string[],
  use: (folder: string) => Promise<T>,
): Promise<T> {
  if (!env().S3_BUCKET) return use(folderPath(prefix));
  const dir = await openWorkDir();
  const copies = names.map((name) => localCopy(`${prefix}${name}`, join(dir, ...name.split("/"))));
  try {
    await Promise.all(copies);
    return await use(dir);
  } finally {
    await Promise.allSettled(copies);
    await rm(dir, { recursive: true, force: true });
  }
}

/** Removes one blob, or everything below a prefix that ends in `/`. Absent is fine. */
export async function removeBlobs(keyOrPrefix: string): Promise<void> {
  const bucket = env().S3_BUCKET;
  if (!bucket) return rm(folderPath(keyOrPrefix), { recursive: true, force: true });
  const { DeleteObjectCommand, DeleteObjectsCommand, ListObjectsV2Command } = await import(
    "@aws-sdk/client-s3"
  );
  const client = await s3();
  if (!keyOrPrefix.endsWith("/")) {
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: keyOrPrefix }));
    return;
  }
  for (let token: string | undefined, first = true; first || token; first = false) {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: keyOrPrefix, ContinuationToken: token }),
    );
    const keys = (page.Contents ?? []).flatMap((item) => (item.Key ? [{ Key: item.Key }] : []));
    if (keys.length > 0)
      await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: keys } }));
    token = page.NextContinuationToken;
  }
}
