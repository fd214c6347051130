import { Readable } from "node:stream";
import { asc, eq } from "drizzle-orm";
import { projectFiles } from "@/db/schema/projects";
import { forTenant, type TenantTx } from "@/db/tenant";
import { blobResponse } from "./download";
import { fail } from "./errors";
import { createId } from "./id";
import { findProject, note } from "./projects";
import { receive } from "./receive";
import { attachmentKey, storeFile } from "./storage";

/** What either side attaches to a project: kept as it is, handed out as a download and never shown in place. */

export type ProjectFile = typeof projectFiles.$inferSelect;

const MOST_BYTES = 25_000_000;
const MOST_FILES = 100;

/** Takes a file's bytes as a request's body. The row comes last: what is listed can be read. */
export async function attachFile(
  tenantId: string,
  projectId: string,
  sent: { name: string; body: ReadableStream<Uint8Array> | null },
  by: string,
): Promise<ProjectFile> {
  await forTenant(tenantId, async (tx) => {
    await findProject(tx, projectId);
    if ((await filesOf(tx, projectId)).length >= MOST_FILES)
      fail("invalid_request", `A project holds at most ${MOST_FILES} files.`, "file");
  });
  if (!sent.body) return fail("file_empty", undefined, "file");
  const { path, sizeBytes, sha256 } = await receive(Readable.fromWeb(sent.body as never), MOST_BYTES, true);
  const id = createId("attachment");
  await storeFile(attachmentKey(tenantId, id), path);
  return forTenant(tenantId, async (tx) => {
    const row = { id, projectId, name: sent.name, bytes: sizeBytes, sha256, createdBy: by };
    const [file] = await tx.insert(projectFiles, row);
    if (!file) throw new Error("the file was not stored");
    await note(tx, projectId, { kind: "file.attached", actor: by, data: { name: sent.name, file: id } });
    return file;
  });
}

export const filesOf = (tx: TenantTx, projectId: string): Promise<ProjectFile[]> =>
  tx.select(projectFiles, eq(projectFiles.projectId, projectId), { orderBy: asc(projectFiles.createdAt) });

export async function downloadAttachment(tenantId: string, projectId: string, id: string): Promise<Response> {
  const file = await forTenant(tenantId, (tx) => tx.one(projectFiles, eq(projectFiles.id, id)));
  if (file?.projectId !== projectId) return fail("not_found");
  return blobResponse(attachmentKey(tenantId, id), file.name, { sizeBytes: file.bytes });
}
