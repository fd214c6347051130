import { rm } from "node:fs/promises";
import { and, eq, type SQL } from "drizzle-orm";
import { appraisals } from "@/db/schema/appraisals";
import { datasets, datasetVersions } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import { actorId, writeAudit } from "./audit";
import { fail } from "./errors";
import { cacheDir } from "./home";
import { log } from "./log";
import type { AppraisalReport } from "./ml/appraisal";
import { enqueue } from "./queue";
import type { Actor } from "./session";
import { unix, unixOrNull } from "./unix";

/** What is told of a dataset's version before anything is trained on it: its readiness, and what a forecast begins from. */
export type Appraisal = typeof appraisals.$inferSelect;

/** Inside a transaction; undefined where nobody has asked for one. */
export const appraisalOf = (tx: TenantTx, versionId: string): Promise<Appraisal | undefined> =>
  tx.one(appraisals, eq(appraisals.versionId, versionId));

/** Rows of a version never change, so what is told of them is told once; what failed is tried again. */
export async function requestAppraisal(
  tenantId: string,
  versionId: string,
  by: Actor | string,
): Promise<Appraisal> {
  const appraisal = await forTenant(tenantId, async (tx) => {
    const version = (await tx.one(datasetVersions, eq(datasetVersions.id, versionId))) ?? fail("not_found");
    if (version.status !== "ready")
      fail("invalid_request", "The rows of this version are not checked, or were refused.");
    const [made] = await tx.insertNew(appraisals, { versionId, createdBy: actorId(by) });
    const again = { state: "running" as const, errorCode: null, errorMessage: null, finishedAt: null };
    const isFailed = and(eq(appraisals.versionId, versionId), eq(appraisals.state, "failed")) as SQL;
    const [retried] = made ? [] : await tx.update(appraisals, again, isFailed);
    if (made ?? retried) await writeAudit(tx, by, "dataset.appraised", versionId);
    return (await appraisalOf(tx, versionId)) ?? fail("internal_error");
  });
  if (appraisal.state === "running") await sendAppraisal(tenantId, versionId);
  return appraisal;
}

/** After the commit; the sweep sends again what the broker lost. */
export async function sendAppraisal(tenantId: string, id: string): Promise<void> {
  await enqueue("dataset.appraise", { tenantId, id }, `appraise.${id}`).catch((error: Error) =>
    log().warn({ tenantId, id, error: error.message }, "dataset.appraise not sent; the sweep will"),
  );
}

/** Null where nobody has asked for one. */
export const findAppraisal = async (tenantId: string, versionId: string): Promise<Appraisal | null> =>
  (await forTenant(tenantId, (tx) => appraisalOf(tx, versionId))) ?? null;

export const getAppraisal = async (tenantId: string, versionId: string): Promise<Appraisal> =>
  (await findAppraisal(tenantId, versionId)) ?? fail("not_found");

/** The worker's half. Undefined when there is nothing to do any more. */
export const versionToAppraise = (tenantId: string, id: string) =>
  forTenant(tenantId, async (tx) => {
    const appraisal = await appraisalOf(tx, id);
    const version = await tx.one(datasetVersions, eq(datasetVersions.id, id));
    if (appraisal?.state !== "running" || !version) return undefined;
    const dataset = await tx.one(datasets, eq(datasets.id, version.datasetId));
    return dataset && { fileId: version.fileId, task: dataset.task };
  });

async function settle(
  tenantId: string,
  id: string,
  to: Partial<Pick<Appraisal, "state" | "report" | "errorCode" | "errorMessage">>,
): Promise<void> {
  const version = await forTenant(tenantId, async (tx) => {
    const isRunning = and(eq(appraisals.versionId, id), eq(appraisals.state, "running")) as SQL;
    await tx.update(appraisals, { ...to, finishedAt: new Date() }, isRunning);
    return tx.one(datasetVersions, eq(datasetVersions.id, id));
  });
  // Its file was deleted meanwhile: the child may have written behind the deletion.
  if (version && version.status !== "ready")
    await rm(cacheDir(tenantId, version.fileId), { recursive: true, force: true });
}

export const recordAppraisal = (tenantId: string, id: string, report: AppraisalReport) =>
  settle(tenantId, id, { state: "ready", report });

export const failAppraisal = (tenantId: string, id: string, error: { code: string; message: string }) =>
  settle(tenantId, id, { state: "failed", errorCode: error.code, errorMessage: error.message });

export function appraisalToWire(appraisal: Appraisal) {
  return {
    object: "dataset.appraisal" as const,
    version_id: appraisal.versionId,
    status: appraisal.state,
    error: appraisal.errorCode ? { code: appraisal.errorCode, message: appraisal.errorMessage } : null,
    report: appraisal.report,
    created_at: unix(appraisal.createdAt),
    finished_at: unixOrNull(appraisal.finishedAt),
  };
}
