import { and, asc, eq, type SQL } from "drizzle-orm";
import { corrections, datasets, datasetVersions, jobs } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import { actorId, writeAudit } from "./audit";
import { insertFrozen, sendBuild, type Version } from "./datasets";
import { fail } from "./errors";
import { holdFile } from "./files";
import { jobBodySchema } from "./job-body";
import { createJob, type Job } from "./jobs";
import type { Correction } from "./ml/contract";
import { getModel, type Model } from "./models";
import type { Actor } from "./session";

/**
 * What people say about the labels that a model doubts: kept row by row on the version that taught it, until a
 * training is ordered. Then they become part of a next version; the customer's file is never changed.
 */
const isCorrection = ({ given, label }: Correction) => given !== label;

/** The training of a model, and the version that taught it. */
async function trainingOf(tx: TenantTx, model: Model): Promise<{ job: Job; version: Version }> {
  const job = await tx.one(jobs, eq(jobs.id, model.jobId));
  const version = job?.versionId
    ? await tx.one(datasetVersions, eq(datasetVersions.id, job.versionId))
    : null;
  return job && version ? { job, version } : fail("not_found");
}

const decisionsOn = (tx: TenantTx, version: Version) =>
  tx.select(corrections, eq(corrections.versionId, version.id), { orderBy: asc(corrections.line) });

/**
 * A person's word on a row that the model's report doubts: another label, the given one because it is right, or
 * null, which takes the word back. Rows that were measured on are never among them.
 */
export async function decideLabel(
  actor: Actor,
  idOrName: string,
  { line, label }: { line: number; label: string | null },
): Promise<void> {
  const model = await getModel(actor.tenantId, idOrName);
  const doubted = model.report.labelIssues?.rows.find((row) => row.line === line);
  if (!doubted) fail("not_found", "The report doubts no label on that line.", "line");
  if (label !== null && !model.report.labels.includes(label))
    fail("invalid_request", `The model has no label \`${label}\`.`, "label");
  const { given } = doubted;
  await forTenant(actor.tenantId, async (tx) => {
    const { version } = await trainingOf(tx, model);
    const where = and(eq(corrections.versionId, version.id), eq(corrections.line, line)) as SQL;
    const set = { label, given, createdBy: actorId(actor), createdAt: new Date() };
    if (label === null) await tx.remove(corrections, where);
    else if ((await tx.update(corrections, { ...set, label }, where)).length === 0)
      await tx.insertNew(corrections, { ...set, label, versionId: version.id, line });
    const action = label === null ? "withdrawn" : label === given ? "confirmed" : "corrected";
    await writeAudit(tx, actor, `label.${action}`, version.id, { line, given, label });
  });
}

/** What was said on a model's rows since its training, and the lines that were settled before it. */
export async function decisionsFor(
  tenantId: string,
  model: Model,
): Promise<{ decisions: Correction[]; settled: number[] }> {
  return forTenant(tenantId, async (tx) => {
    const { version } = await trainingOf(tx, model);
    const said = await decisionsOn(tx, version);
    return {
      decisions: said.map(({ line, given, label }) => ({ line, given, label })),
      settled: version.corrections.map(({ line }) => line),
    };
  });
}

/** Later words over earlier ones; `given` stays what the file says. */
function mergeCorrections(earlier: readonly Correction[], later: readonly Correction[]): Correction[] {
  const byLine = new Map(earlier.map((one) => [one.line, one]));
  for (const { line, given, label } of later)
    byLine.set(line, { line, given: byLine.get(line)?.given ?? given, label });
  return [...byLine.values()].sort((a, b) => a.line - b.line);
}

/**
 * The training of a model once more, as it was ordered and with its seed, on a version with what people have said
 * since. The dataset's test rows stay those of its first training, so both are measured on the same rows.
 */
export async function trainCorrected(actor: Actor, idOrName: string): Promise<Job> {
  const model = await getModel(actor.tenantId, idOrName);
  const { job, version } = await forTenant(actor.tenantId, async (tx) => {
    const { job, version: before } = await trainingOf(tx, model);
    const said = await decisionsOn(tx, before);
    if (!said.some(isCorrection)) fail("state_conflict", "No label of this model's rows is corrected yet.");
    if (!(await holdFile(tx, before.fileId))) fail("state_conflict", "The file of these rows was deleted.");
    const dataset = (await tx.one(datasets, eq(datasets.id, before.datasetId))) ?? fail("not_found");
    const { fileId, reading, columns, againstId } = before;
    const merged = mergeCorrections(before.corrections, said);
    const version = await insertFrozen(
      tx,
      { fileId, reading, columns, againstId, corrections: merged },
      dataset.task,
      async () => ({ dataset, parentId: before.id }),
    );
    return { job, version };
  });
  await sendBuild(actor.tenantId, version);
  const asked = jobBodySchema.parse(job.asked);
  const { columns: _, ...graft } = asked.graft ?? {};
  const again = { ...asked, seed: job.seed, graft: { ...graft, dataset_version: version.id } };
  return (await createJob(actor, again, { previousModelId: model.id })).job;
}

/** The model whose rows were corrected for this one, with how many were; null when it was trained on its own. */
export async function modelBefore(
  tenantId: string,
  model: Model,
): Promise<{ model: Model; corrected: number } | null> {
  const found = await forTenant(tenantId, async (tx) => {
    const { job, version } = await trainingOf(tx, model);
    const parent = version.parentId
      ? await tx.one(datasetVersions, eq(datasetVersions.id, version.parentId))
      : null;
    const labelBefore = ({ line, given }: Correction) =>
      parent?.corrections.find((one) => one.line === line)?.label ?? given;
    const corrected = version.corrections.filter((one) => labelBefore(one) !== one.label);
    return { id: job.previousModelId, corrected: corrected.length };
  });
  if (!found.id) return null;
  // Of a deleted model the figures stay.
  const before = await getModel(tenantId, found.id, ["ready", "deleted"]).catch(() => null);
  return before && { model: before, corrected: found.corrected };
}
