import { rm } from "node:fs/promises";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { and, asc, desc, eq, gt, inArray, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import { corrections, datasetVersions, files, jobs } from "@/db/schema/work";
import { forTenant, type Paged, type TenantTx } from "@/db/tenant";
import { fail } from "./errors";
import { cacheDir } from "./home";
import { createId } from "./id";
import { OPEN_STATES } from "./job-moves";
import { log } from "./log";
import type { CheckReport, Reading } from "./ml/contract";
import { enqueue } from "./queue";
import { discard, type Received, receive } from "./receive";
import { fileKey, removeBlobs, storeFile, versionKey } from "./storage";
import { unix, unixOrNull } from "./unix";

/** Raw bytes as the customer sent them, and what was found in them. */
export type File = typeof files.$inferSelect;

const MIN_EXPIRY_S = 3600;
const MAX_EXPIRY_S = 2_592_000;

export interface NewFile {
  tenantId: string;
  /** A user id or a key id. */
  actorId: string;
  filename: string;
  purpose: string | undefined;
  expiresAfterSeconds?: number;
  /** Chosen beforehand by a resumable upload, so that finishing it twice is one file. */
  id?: string;
}

/** What files are for: to be taught, to be answered, or answers. The last are made here, never uploaded. */
const UPLOADED = ["fine-tune", "batch"];
export const OUTPUT = "batch_output";

export function assertPurpose(purpose: string | undefined): asserts purpose is string {
  if (purpose !== undefined && UPLOADED.includes(purpose)) return;
  const what = purpose === undefined ? "is missing" : `\`${purpose.slice(0, 40)}\` is not offered here`;
  fail("purpose_invalid", `\`purpose\` must be \`fine-tune\` or \`batch\`; it ${what}.`, "purpose");
}

/** Never a path, never a control character: the name is shown, and sent back in a header. */
function cleanName(filename: string): string {
  const name = basename(filename.replaceAll("\\", "/"))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "")
    .trim();
  return name.slice(-200) || "file";
}

export async function createFile(order: NewFile & { stream: Readable }): Promise<File> {
  assertPurpose(order.purpose);
  return adoptFile(order, await receive(order.stream));
}

/** Makes a file of the tenant out of received bytes; afterwards they are in storage, or nowhere. */
export async function adoptFile(order: NewFile, received: Received): Promise<File> {
  const id = order.id ?? createId("file");
  const key = fileKey(order.tenantId, id);
  let file: File | undefined;
  try {
    const { purpose } = order;
    if (purpose !== OUTPUT) assertPurpose(purpose);
    const expiresAt = expiryOf(order.expiresAfterSeconds);
    await storeFile(key, received.path);
    [file] = await forTenant(order.tenantId, (tx) =>
      tx.insertNew(files, {
        id,
        filename: cleanName(order.filename),
        purpose,
        // What is taught from is looked at; requests are, by their batch.
        ...(purpose === "fine-tune" ? {} : { status: "processed" as const }),
        sizeBytes: received.sizeBytes,
        sha256: received.sha256,
        createdBy: order.actorId,
        expiresAt,
      }),
    );
  } catch (error) {
    await Promise.allSettled([discard(received), removeBlobs(key)]);
    throw error;
  }
  if (!file) return getFile(order.tenantId, id);
  if (file.purpose === "fine-tune") await requestCheck(order.tenantId, id);
  return file;
}

function expiryOf(seconds: number | undefined): Date | null {
  if (seconds === undefined) return null;
  if (!Number.isInteger(seconds) || seconds < MIN_EXPIRY_S || seconds > MAX_EXPIRY_S)
    fail(
      "invalid_request",
      `\`expires_after[seconds]\` must be ${MIN_EXPIRY_S} to ${MAX_EXPIRY_S}.`,
      "expires_after[seconds]",
    );
  return new Date(Date.now() + seconds * 1000);
}

/** After the commit. When the broker is away the sweep finds the row and sends the message again. */
export async function requestCheck(tenantId: string, id: string): Promise<void> {
  await enqueue("file.check", { tenantId, id }, `check.${id}`).catch((error: Error) =>
    log().warn({ tenantId, id, error: error.message }, "file.check not sent; the sweep will"),
  );
}

const isThere = () => or(isNull(files.expiresAt), gt(files.expiresAt, new Date()));

export async function getFile(tenantId: string, id: string, param: string | null = null): Promise<File> {
  const where = and(eq(files.id, id), isThere()) as SQL;
  const found = await forTenant(tenantId, (tx) => tx.one(files, where));
  return found ?? fail("not_found", undefined, param);
}

export interface Page {
  after?: string | undefined;
  limit: number;
  order?: "asc" | "desc" | undefined;
}

/** Ids sort by time, so the last id of a page is the cursor of the next. */
export async function listFiles(
  tenantId: string,
  page: Page & { purpose?: string | undefined },
): Promise<Paged<File>> {
  const isUp = page.order === "asc";
  const where = and(
    isThere(),
    page.purpose ? eq(files.purpose, page.purpose) : undefined,
    page.after ? (isUp ? gt : lt)(files.id, page.after) : undefined,
  );
  return forTenant(tenantId, (tx) =>
    tx.page(files, where, { orderBy: (isUp ? asc : desc)(files.id), limit: page.limit }),
  );
}

/**
 * Deletion is expiry now: the row hides the file at once, the bytes and everything read from them go, then
 * the row. Cut off anywhere, the sweep of expired files finishes it.
 */
export async function deleteFile(tenantId: string, id: string): Promise<void> {
  await forTenant(tenantId, async (tx) => {
    // The update takes the row's lock: an order that is being placed on this file is seen below.
    const [hidden] = await tx.update(
      files,
      { expiresAt: new Date() },
      and(eq(files.id, id), isThere()) as SQL,
    );
    if (!hidden) fail("not_found");
    const open = await tx.one(
      jobs,
      and(
        inArray(jobs.state, OPEN_STATES),
        or(eq(jobs.trainingFileId, id), eq(jobs.validationFileId, id)),
      ) as SQL,
    );
    if (open) fail("state_conflict", `The file is used by job ${open.id}. Wait for it, or cancel it first.`);
  });
  await purgeFile(tenantId, id);
}

/** The second half of a deletion, safe to repeat. Trained models keep what they learned; they are their own noun. */
export async function purgeFile(tenantId: string, id: string): Promise<void> {
  const made = await forTenant(tenantId, (tx) => tx.select(datasetVersions, eq(datasetVersions.fileId, id)));
  for (const version of made) {
    await removeBlobs(versionKey(tenantId, version.id, "rows.ndjson"));
    await removeBlobs(versionKey(tenantId, version.id, "rejects.csv"));
  }
  await rm(cacheDir(tenantId, id), { recursive: true, force: true });
  await removeBlobs(fileKey(tenantId, id));
  await forTenant(tenantId, async (tx) => {
    for (const version of made) await tx.remove(corrections, eq(corrections.versionId, version.id));
    await tx.update(
      datasetVersions,
      {
        status: "failed",
        errorCode: "not_found",
        errorMessage: "The file was deleted, and its rows with it.",
      },
      eq(datasetVersions.fileId, id),
    );
    await tx.remove(files, eq(files.id, id));
  });
}

/** A person's word on how to read the bytes; the file is checked again that way. */
export async function setReading(tenantId: string, id: string, reading: Partial<Reading>): Promise<File> {
  await getFile(tenantId, id);
  const [file] = await forTenant(tenantId, (tx) =>
    tx.update(
      files,
      { reading, status: "uploaded", statusDetails: null, errorCode: null, validation: null },
      eq(files.id, id),
    ),
  );
  if (!file) fail("not_found");
  await requestCheck(tenantId, id);
  return file;
}

/** Holds the file's row against a deletion until the open transaction ends; false when it is gone. */
export async function holdFile(tx: TenantTx, id: string): Promise<boolean> {
  const rows = await tx.query(
    sql`select 1 from files where tenant_id = ${tx.tenantId} and id = ${id}
      and (expires_at is null or expires_at > now()) for share`,
  );
  return rows.length > 0;
}

export function reportToWire(report: CheckReport) {
  const { setAside, ...rest } = report;
  return { ...rest, set_aside: setAside };
}

export function fileToWire(file: File) {
  return {
    id: file.id,
    object: "file" as const,
    bytes: file.sizeBytes,
    created_at: unix(file.createdAt),
    expires_at: unixOrNull(file.expiresAt),
    filename: file.filename,
    purpose: file.purpose,
    status: file.status,
    status_details: file.statusDetails,
    validation: file.validation ? reportToWire(file.validation) : null,
  };
}
