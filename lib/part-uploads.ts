import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { and, eq, inArray, type SQL } from "drizzle-orm";
import { z } from "zod";
import { uploadParts, uploads } from "@/db/schema/work";
import { forTenant } from "@/db/tenant";
import { actorId } from "./audit";
import { fail } from "./errors";
import { adoptFile, assertPurpose, type File, fileToWire, getFile } from "./files";
import { incomingDir } from "./home";
import { createId } from "./id";
import { discard, failTooLarge, maxUploadBytes, type Received, receiveLocal } from "./receive";
import type { Actor } from "./session";
import { readBlob, removeBlobs, storeFile, uploadKey } from "./storage";
import { unix } from "./unix";

/** `/v1/uploads`, OpenAI's way to send a large file: parts, sent in any order and at the same time, then put together. */
export type PartUpload = typeof uploads.$inferSelect;
export const MAX_PART_BYTES = 64_000_000;
const HOUR_MS = 3_600_000;

export const uploadBody = z.object({
  filename: z.string().min(1).max(300),
  purpose: z.string().max(40),
  bytes: z.number().int().min(1),
  mime_type: z.string().max(200).optional(),
  expires_after: z.object({ anchor: z.literal("created_at"), seconds: z.number().int() }).optional(),
});
export const completionBody = z.object({
  part_ids: z.array(z.string().max(100)).min(1).max(10_000),
  md5: z.string().max(64).optional(),
});

export async function createUpload(actor: Actor, order: z.infer<typeof uploadBody>): Promise<PartUpload> {
  assertPurpose(order.purpose);
  if (order.bytes > maxUploadBytes()) failTooLarge(maxUploadBytes());
  const [made] = await forTenant(actor.tenantId, (tx) =>
    tx.insert(uploads, {
      ...{ id: createId("upload"), filename: order.filename, purpose: order.purpose, sizeBytes: order.bytes },
      ...{ state: "pending" as const, fileId: createId("file"), createdBy: actorId(actor) },
      fileExpiresAfter: order.expires_after?.seconds ?? null,
      expiresAt: new Date(Date.now() + HOUR_MS),
    }),
  );
  return made ?? fail("internal_error");
}

async function pendingUpload(tenantId: string, id: string): Promise<PartUpload> {
  const found = (await forTenant(tenantId, (tx) => tx.one(uploads, eq(uploads.id, id)))) ?? fail("not_found");
  if (found.state !== "pending") fail("state_conflict", `The upload is ${found.state}.`);
  if (found.expiresAt <= new Date()) fail("state_conflict", "The upload has expired; begin another one.");
  return found;
}

/** Takes over received bytes as one part. */
export async function addPart(tenantId: string, uploadId: string, received: Received) {
  try {
    await pendingUpload(tenantId, uploadId);
    const id = createId("uploadPart");
    await storeFile(uploadKey(tenantId, uploadId, id), received.path);
    const [part] = await forTenant(tenantId, (tx) =>
      tx.insert(uploadParts, { id, uploadId, sizeBytes: received.sizeBytes }),
    );
    const { createdAt } = part ?? fail("internal_error");
    return { id, object: "upload.part" as const, created_at: unix(createdAt), upload_id: uploadId };
  } catch (error) {
    await discard(received);
    throw error;
  }
}

/** The parts in the order that is named become one file; done again it is the same one. */
export async function completeUpload(
  actor: Actor,
  uploadId: string,
  { part_ids: ids, md5 }: z.infer<typeof completionBody>,
): Promise<{ upload: PartUpload; file: File }> {
  const { tenantId } = actor;
  const done = await forTenant(tenantId, (tx) => tx.one(uploads, eq(uploads.id, uploadId)));
  if (done?.state === "completed") return { upload: done, file: await getFile(tenantId, done.fileId) };
  const upload = await pendingUpload(tenantId, uploadId);
  const where = and(eq(uploadParts.uploadId, uploadId), inArray(uploadParts.id, ids)) as SQL;
  const known = new Map(
    (await forTenant(tenantId, (tx) => tx.select(uploadParts, where))).map((part) => [
      part.id,
      part.sizeBytes,
    ]),
  );
  const missing = ids.find((id) => !known.has(id));
  if (missing !== undefined)
    fail("invalid_request", `\`part_ids\`: there is no part ${missing}.`, "part_ids");
  if (new Set(ids).size < ids.length)
    fail("invalid_request", "`part_ids`: a part is named twice.", "part_ids");
  const sum = ids.reduce((bytes, id) => bytes + (known.get(id) ?? 0), 0);
  if (sum !== upload.sizeBytes)
    fail(
      "invalid_request",
      `The parts come to ${sum} bytes, and ${upload.sizeBytes} were announced.`,
      "bytes",
    );
  const received = await putTogether(upload, ids, md5);
  const file = await adoptFile(
    {
      ...{
        tenantId,
        actorId: actorId(actor),
        id: upload.fileId,
        filename: upload.filename,
        purpose: upload.purpose,
      },
      ...(upload.fileExpiresAfter === null ? {} : { expiresAfterSeconds: upload.fileExpiresAfter }),
    },
    received,
  );
  const [completed] = await forTenant(tenantId, (tx) =>
    tx.update(uploads, { state: "completed" }, eq(uploads.id, uploadId)),
  );
  await removeBlobs(uploadKey(tenantId, uploadId, ""));
  return { upload: completed ?? upload, file };
}

async function putTogether(
  { tenantId, id }: PartUpload,
  ids: readonly string[],
  md5?: string,
): Promise<Received> {
  await mkdir(incomingDir(), { recursive: true });
  const path = join(incomingDir(), createId("file"));
  const hash = createHash("md5");
  async function* bytes() {
    for (const part of ids)
      for await (const chunk of await readBlob(uploadKey(tenantId, id, part))) {
        hash.update(chunk as Buffer);
        yield chunk;
      }
  }
  try {
    await pipeline(bytes, createWriteStream(path, { flags: "wx", mode: 0o600 }));
    if (md5 !== undefined && md5.toLowerCase() !== hash.digest("hex"))
      fail("invalid_request", "`md5`: the parts put together have another sum.", "md5");
    return await receiveLocal(path);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

export async function cancelUpload(
  tenantId: string,
  id: string,
  state: "cancelled" | "expired" = "cancelled",
): Promise<PartUpload> {
  const isPending = and(eq(uploads.id, id), eq(uploads.state, "pending")) as SQL;
  const [ended] = await forTenant(tenantId, (tx) => tx.update(uploads, { state }, isPending));
  if (!ended) {
    await pendingUpload(tenantId, id);
    return fail("state_conflict", "The upload has ended.");
  }
  await removeBlobs(uploadKey(tenantId, id, ""));
  return ended;
}

export function uploadToWire(upload: PartUpload, file?: File) {
  return {
    ...{
      id: upload.id,
      object: "upload" as const,
      bytes: upload.sizeBytes,
      created_at: unix(upload.createdAt),
    },
    ...{ filename: upload.filename, purpose: upload.purpose, status: upload.state },
    expires_at: unix(upload.expiresAt),
    ...(file ? { file: fileToWire(file) } : {}),
  };
}
