import { and, eq, or, type SQL, sql } from "drizzle-orm";
import { datasets, datasetVersions, files, jobs } from "@/db/schema/work";
import { forTenant } from "@/db/tenant";
import { canonical } from "./canonical";
import { sendBuild, type Version } from "./datasets";
import type { File } from "./files";
import { advanceJob } from "./job-advance";
import type { CheckReport, FileProfile, Reading } from "./ml/contract";
import { emitEvent } from "./webhook-events";

/** What the check-child found, written down; jobs that waited for it go on. */
interface Refusal {
  code: string;
  message: string;
  param: string | null;
}
export interface Found {
  profile: FileProfile | null;
  report: CheckReport | null;
  refusal: Refusal | null;
}

const nothingRead: CheckReport = {
  rows: 0,
  accepted: 0,
  setAside: 0,
  columns: [],
  classes: [],
  problems: [],
  duplicates: { exact: 0, near: 0, conflicting: 0 },
  lengths: { p50: 0, p95: 0, max: 0 },
  leakage: null,
  sha256: "",
};

/** The refusal is the first of the problems, so that whoever reads the report alone finds it. */
function withRefusal(report: CheckReport | null, refusal: Refusal | null): CheckReport | null {
  if (!refusal) return report;
  const { problems, ...rest } = report ?? nothingRead;
  const known = problems.find((problem) => problem.kind === refusal.code);
  const first = known ?? { kind: refusal.code, count: 1, lines: [], hint: refusal.message };
  const others = problems.filter((problem) => problem !== known);
  return { ...rest, problems: [{ ...first, severity: "error", hint: refusal.message }, ...others] };
}

/** False when the file was told to be read another way meanwhile: check again. */
export async function recordFileCheck(
  tenantId: string,
  id: string,
  reading: Partial<Reading>,
  found: Found,
): Promise<boolean> {
  const isDone = await forTenant(tenantId, async (tx) => {
    await tx.query(sql`select 1 from files where tenant_id = ${tenantId} and id = ${id} for update`);
    const file = await tx.one(files, eq(files.id, id));
    if (file?.status !== "uploaded") return true;
    if (canonical(file.reading) !== canonical(reading)) return false;
    await tx.update(
      files,
      {
        status: found.refusal ? "error" : "processed",
        statusDetails: found.refusal?.message ?? null,
        errorCode: found.refusal?.code ?? null,
        profile: found.profile,
        validation: withRefusal(found.report, found.refusal),
      },
      eq(files.id, id),
    );
    await emitEvent(tx, "file.validated", { id });
    return true;
  });
  if (isDone) await advanceWaiting(tenantId, or(eq(jobs.trainingFileId, id), eq(jobs.validationFileId, id)));
  return isDone;
}

/** After its blobs are in storage. A second delivery finds it done and changes nothing. */
export async function recordVersion(tenantId: string, id: string, found: Found): Promise<void> {
  const { dependents } = await forTenant(tenantId, async (tx) => {
    await tx.update(
      datasetVersions,
      {
        status: found.refusal ? "failed" : "ready",
        errorCode: found.refusal?.code ?? null,
        errorMessage: found.refusal?.message ?? null,
        report: withRefusal(found.report, found.refusal),
      },
      and(eq(datasetVersions.id, id), eq(datasetVersions.status, "checking")) as SQL,
    );
    const waiting = and(eq(datasetVersions.againstId, id), eq(datasetVersions.status, "checking")) as SQL;
    return { dependents: await tx.select(datasetVersions, waiting) };
  });
  for (const version of dependents) await sendBuild(tenantId, version);
  await advanceWaiting(tenantId, or(eq(jobs.versionId, id), eq(jobs.validationVersionId, id)));
}

async function advanceWaiting(tenantId: string, which: SQL | undefined): Promise<void> {
  const where = and(eq(jobs.state, "validating_files"), which) as SQL;
  const waiting = await forTenant(tenantId, (tx) => tx.select(jobs, where));
  for (const job of waiting) await advanceJob(tenantId, job.id);
}

export const fileToCheck = (tenantId: string, id: string): Promise<File | undefined> =>
  forTenant(tenantId, (tx) => tx.one(files, and(eq(files.id, id), eq(files.status, "uploaded")) as SQL));

/** The version with its file's name and the training version it is measured against; undefined when done. */
export async function versionToBuild(
  tenantId: string,
  id: string,
): Promise<{ version: Version; filename: string; task: string; against: Version | null } | undefined> {
  return forTenant(tenantId, async (tx) => {
    const open = and(eq(datasetVersions.id, id), eq(datasetVersions.status, "checking")) as SQL;
    const version = await tx.one(datasetVersions, open);
    const file = version && (await tx.one(files, eq(files.id, version.fileId)));
    const dataset = version && (await tx.one(datasets, eq(datasets.id, version.datasetId)));
    if (!version || !file || !dataset) return undefined;
    const against = version.againstId
      ? await tx.one(datasetVersions, eq(datasetVersions.id, version.againstId))
      : undefined;
    return { version, filename: file.filename, task: dataset.task, against: against ?? null };
  });
}
