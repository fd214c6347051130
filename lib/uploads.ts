import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { FileStore } from "@tus/file-store";
import { MemoryLocker, Server, type Upload } from "@tus/server";
import { actorId } from "./audit";
import { AppError, errorResponse } from "./errors";
import { adoptFile, assertPurpose, type File, getFile } from "./files";
import { uploadsDir } from "./home";
import { createId } from "./id";
import { maxUploadBytes, receiveLocal, sweepFolder } from "./receive";
import type { Actor } from "./session";

/**
 * Resumable uploads (tus 1.0). The id of an upload begins with its tenant's, so another tenant's id is as
 * unknown as one that never was; the id of the file that it becomes is chosen when it begins, so finishing
 * twice, or asking again after a lost answer, is one file.
 */
let store: FileStore | undefined;
const locker = new MemoryLocker();
const DAY_MS = 86_400_000;

function uploadStore(): FileStore {
  store ??= new FileStore({ directory: uploadsDir(), expirationPeriodInMilliseconds: DAY_MS });
  return store;
}

const prefixOf = (actor: Actor) => `${actor.tenantId}.`;

function idOf(actor: Actor, url: string): string | undefined {
  const last = new URL(url).pathname.split("/").at(-1) ?? "";
  // Exactly what `namingFunction` makes; anything else never becomes a path.
  return last.startsWith(prefixOf(actor)) && /^[a-z0-9_]+\.[0-9a-f]{32}$/.test(last) ? last : undefined;
}

function refusal(error: unknown): never {
  if (!(error instanceof AppError)) throw error;
  const { message, type, code, options, status } = error;
  throw {
    status_code: status,
    body: JSON.stringify({ error: { message, type, param: options.param ?? null, code } }),
  };
}

async function finish(actor: Actor, upload: Pick<Upload, "id" | "metadata">): Promise<File> {
  const { fileId, filename, purpose } = upload.metadata ?? {};
  const id = fileId ?? createId("file");
  const known = await getFile(actor.tenantId, id).catch(() => null);
  if (known) return known;
  const order = { tenantId: actor.tenantId, actorId: actorId(actor), id, purpose: purpose ?? undefined };
  const received = await receiveLocal(join(uploadsDir(), upload.id));
  return adoptFile({ ...order, filename: filename ?? "file" }, received);
}

function serverFor(actor: Actor): Server {
  return new Server({
    path: "/api/uploads",
    datastore: uploadStore(),
    locker,
    relativeLocation: true,
    maxSize: maxUploadBytes(),
    allowedOrigins: [],
    exposedHeaders: ["graft-file-id"],
    namingFunction: () => prefixOf(actor) + randomBytes(16).toString("hex"),
    getFileIdFromRequest: (request) => idOf(actor, request.url),
    onUploadCreate: async (_request, upload) => {
      try {
        assertPurpose(upload.metadata?.purpose ?? undefined);
      } catch (error) {
        refusal(error);
      }
      return { metadata: { ...upload.metadata, fileId: createId("file") } };
    },
    onUploadFinish: async (_request, upload) => {
      const file = await finish(actor, upload).catch(refusal);
      return { headers: { "graft-file-id": file.id } };
    },
  });
}

/** An upload whose last byte arrived: the answer to it may have been lost, or the process died before it. */
async function finishedUpload(actor: Actor, id: string, requestId: string): Promise<Response | null> {
  const upload = await uploadStore()
    .configstore.get(id)
    .catch(() => undefined);
  if (!upload?.size) return null;
  const known = await getFile(actor.tenantId, upload.metadata?.fileId ?? "").catch(() => null);
  const isWhole =
    known !== null ||
    (await uploadStore()
      .getUpload(id)
      .then((part) => part.offset === upload.size)
      .catch(() => false));
  if (!isWhole) return null;
  try {
    const file = known ?? (await finish(actor, { id, metadata: upload.metadata }));
    return new Response(null, {
      headers: {
        "tus-resumable": "1.0.0",
        "cache-control": "no-store",
        "upload-offset": String(upload.size),
        "upload-length": String(upload.size),
        "graft-file-id": file.id,
      },
    });
  } catch (error) {
    if (error instanceof AppError) return errorResponse(error, requestId);
    throw error;
  }
}

export async function handleUpload(actor: Actor, request: Request, requestId: string): Promise<Response> {
  const id = idOf(actor, request.url);
  if (request.method === "HEAD" && id) {
    const answer = await finishedUpload(actor, id, requestId);
    if (answer) return answer;
  }
  return serverFor(actor).handleWeb(request);
}

/** Parts whose sender has not come back within a day. */
export const sweepUploads = () => sweepFolder(uploadsDir(), DAY_MS);
