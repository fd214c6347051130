import { and, desc, eq, sql } from "drizzle-orm";
import { datasets, datasetVersions, files } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import { canonical } from "./canonical";
import { fail } from "./errors";
import { type File, holdFile, reportToWire } from "./files";
import { createId } from "./id";
import { log } from "./log";
import { type ColumnMap, columnsOf, type Reading } from "./ml/contract";
import type { Task } from "./ml/task";
import { enqueue } from "./queue";
import { sha256 } from "./session";
import { taskOf } from "./tasks";
import { unix } from "./unix";

/** Named lines of frozen versions: file + column map, checked row by row. */
export type Dataset = typeof datasets.$inferSelect;
export type Version = typeof datasetVersions.$inferSelect;

export interface VersionOrder {
  fileId: string;
  /** Role to column name, or to several. */
  columns: ColumnMap;
  reading?: Partial<Reading> | undefined;
  task?: string | undefined;
  /** An existing dataset of this name gets its next version; else a new one is made. */
  name?: string | undefined;
  /** For a validation file: the training version that it must not leak into. */
  againstId?: string | null;
  /** How the caller's own request calls the map, for the error's `param`. */
  param?: string;
}

/** Refuses what the file's profile can already tell; the check reads the rest. */
export function assertColumns(
  task: Task,
  columns: ColumnMap,
  known: readonly string[] | null,
  param: string,
): void {
  const missing = task.roles.find((role) => role.required && !columnsOf(columns, role.name).some(Boolean));
  if (missing) fail("column_unknown", `Say which column is \`${missing.name}\`.`, `${param}.${missing.name}`);
  for (const role of Object.keys(columns)) {
    const names = columnsOf(columns, role);
    const kind = task.roles.find((one) => one.name === role)?.kind;
    if (!kind) fail("column_unknown", `The task has no role \`${role}\`.`, `${param}.${role}`);
    if (names.length > 1 && kind !== "columns")
      fail("column_unknown", `The role \`${role}\` takes one column.`, `${param}.${role}`);
    const foreign = known && names.find((name) => !known.includes(name));
    if (foreign)
      fail(
        "column_unknown",
        `The file has no column \`${foreign}\`. It has: ${known.join(", ")}.`,
        `${param}.${role}`,
      );
  }
  const all = Object.values(columns).flat();
  if (new Set(all).size < all.length) fail("column_unknown", "A column is named twice.", param);
}

/** Columns as inspection saw them, unless the order reads the bytes another way. */
function knownColumns(file: File, reading: Partial<Reading> | undefined): string[] | null {
  if (!file.profile || (reading && Object.keys(reading).length > 0)) return null;
  return file.profile.columns.map((column) => column.name);
}

/** Makes the version, or finds the one that answers the same question. Send `sendBuild` after the commit. */
export async function insertVersion(tx: TenantTx, order: VersionOrder): Promise<Version> {
  if (!(await holdFile(tx, order.fileId))) fail("not_found", undefined, "file_id");
  const file = (await tx.one(files, eq(files.id, order.fileId))) ?? fail("not_found", undefined, "file_id");
  const task = taskOf(order.task ?? file.profile?.guess.task);
  assertColumns(task, order.columns, knownColumns(file, order.reading), order.param ?? "columns");
  const reading = { ...file.reading, ...order.reading };
  const frozen = { fileId: file.id, reading, columns: order.columns, againstId: order.againstId ?? null };
  return insertFrozen(tx, { ...frozen, corrections: [] }, task.id, async () => ({
    dataset: await datasetFor(tx, file, task.id, order.name),
    parentId: null,
  }));
}

/** All that a version's rows follow from, beside the task. */
type Frozen = Pick<Version, "fileId" | "reading" | "columns" | "againstId" | "corrections">;

/** `placeOf` is asked only when no version answers the same question: its dataset, and a parent if not the last one. */
export async function insertFrozen(
  tx: TenantTx,
  frozen: Frozen,
  task: string,
  placeOf: () => Promise<{ dataset: Dataset; parentId: string | null }>,
): Promise<Version> {
  const question = [frozen.fileId, frozen.reading, frozen.columns, task, frozen.againstId];
  const fingerprint = sha256(
    canonical(frozen.corrections.length > 0 ? [...question, frozen.corrections] : question),
  );
  // Numbers and names are given one at a time.
  await tx.query(sql`select pg_advisory_xact_lock(hashtext(${`datasets.${tx.tenantId}`}))`);
  const same = await tx.one(datasetVersions, eq(datasetVersions.fingerprint, fingerprint));
  if (same) return revive(tx, same);
  const { dataset, parentId } = await placeOf();
  const [last] = await tx.select(datasetVersions, eq(datasetVersions.datasetId, dataset.id), {
    orderBy: desc(datasetVersions.number),
    limit: 1,
  });
  const [made] = await tx.insert(datasetVersions, {
    id: createId("version"),
    datasetId: dataset.id,
    number: (last?.number ?? 0) + 1,
    parentId: parentId ?? last?.id ?? null,
    ...frozen,
    fingerprint,
  });
  return made ?? fail("internal_error");
}

/** A refusal stands; what failed for a reason of ours is tried again. */
async function revive(tx: TenantTx, version: Version): Promise<Version> {
  if (version.status !== "failed" || version.errorCode !== "job_failed") return version;
  const [again] = await tx.update(
    datasetVersions,
    { status: "checking", errorCode: null, errorMessage: null },
    eq(datasetVersions.id, version.id),
  );
  return again ?? version;
}

/** By the name that was asked for; else the file's own line; else a new one called like the file. */
async function datasetFor(tx: TenantTx, file: File, task: string, name?: string): Promise<Dataset> {
  const isSame = and(eq(datasets.name, name ?? ""), eq(datasets.task, task));
  const named = name && isSame ? await tx.one(datasets, isSame) : undefined;
  if (named) return named;
  if (!name) {
    const sibling = await tx.one(datasetVersions, eq(datasetVersions.fileId, file.id));
    const own = sibling && (await tx.one(datasets, eq(datasets.id, sibling.datasetId)));
    if (own?.task === task) return own;
  }
  const [made] = await tx.insert(datasets, {
    id: createId("dataset"),
    name: name ?? (await freeName(tx, file.filename)),
    task,
  });
  return made ?? fail("internal_error");
}

async function freeName(tx: TenantTx, filename: string): Promise<string> {
  const stem = filename.replace(/\.[A-Za-z0-9]{1,5}$/, "") || "dataset";
  const taken = new Set((await tx.select(datasets)).map((dataset) => dataset.name));
  for (let n = 1; ; n++) {
    const name = n === 1 ? stem : `${stem} (${n})`;
    if (!taken.has(name)) return name;
  }
}

/** After the commit; the sweep sends again what the broker lost. */
export async function sendBuild(tenantId: string, version: Version): Promise<void> {
  if (version.status !== "checking") return;
  await enqueue("dataset.build", { tenantId, id: version.id }, `build.${version.id}`).catch((error: Error) =>
    log().warn({ tenantId, id: version.id, error: error.message }, "dataset.build not sent; the sweep will"),
  );
}

export async function requestVersion(tenantId: string, order: VersionOrder): Promise<Version> {
  const version = await forTenant(tenantId, (tx) => insertVersion(tx, order));
  await sendBuild(tenantId, version);
  return version;
}

export async function getVersion(tenantId: string, id: string): Promise<Version> {
  const found = await forTenant(tenantId, (tx) => tx.one(datasetVersions, eq(datasetVersions.id, id)));
  return found ?? fail("not_found");
}

export async function getDataset(tenantId: string, id: string): Promise<Dataset & { versions: Version[] }> {
  return forTenant(tenantId, async (tx) => {
    const found = (await tx.one(datasets, eq(datasets.id, id))) ?? fail("not_found");
    const versions = await tx.select(datasetVersions, eq(datasetVersions.datasetId, id), {
      orderBy: desc(datasetVersions.number),
    });
    return { ...found, versions };
  });
}

/** Newest line first, each with its versions, newest first. */
export async function listDatasets(tenantId: string): Promise<(Dataset & { versions: Version[] })[]> {
  return forTenant(tenantId, async (tx) => {
    const lines = await tx.select(datasets, undefined, { orderBy: desc(datasets.id) });
    const versions = await tx.select(datasetVersions, undefined, { orderBy: desc(datasetVersions.number) });
    const byLine = new Map<string, Version[]>();
    for (const version of versions)
      byLine.set(version.datasetId, [...(byLine.get(version.datasetId) ?? []), version]);
    return lines.map((line) => ({ ...line, versions: byLine.get(line.id) ?? [] }));
  });
}

export function versionToWire(version: Version) {
  return {
    id: version.id,
    object: "dataset.version" as const,
    dataset_id: version.datasetId,
    number: version.number,
    parent_id: version.parentId,
    file_id: version.fileId,
    columns: version.columns,
    corrections: version.corrections,
    status: version.status,
    error: version.errorCode ? { code: version.errorCode, message: version.errorMessage } : null,
    report: version.report ? reportToWire(version.report) : null,
    created_at: unix(version.createdAt),
  };
}

export function datasetToWire(dataset: Dataset & { versions: Version[] }) {
  return {
    id: dataset.id,
    object: "dataset" as const,
    name: dataset.name,
    task: dataset.task,
    created_at: unix(dataset.createdAt),
    versions: dataset.versions.map(versionToWire),
  };
}
