import { and, desc, eq, inArray, isNotNull, isNull, or, type SQL, sql } from "drizzle-orm";
import { deployments } from "@/db/schema/serving";
import { models } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { AppError, fail } from "./errors";
import { createId } from "./id";
import { findModel } from "./known-models";
import { BASES } from "./ml/catalogue";
import type { ModelReport } from "./ml/contract";
import { figuresOf } from "./ml/evaluation";
import { withoutRows } from "./model-report";
import type { Actor } from "./session";
import { modelKey, removeBlobs } from "./storage";
import { unix } from "./unix";

/** Trained models and what the wire says of them. Opening one for answers is `model-cache.ts`, in serve alone. */
export type Model = typeof models.$inferSelect;
export type ModelState = Model["state"];

/** The lifecycle: a model answers customers only when `ready`; a deleted one never comes back. */
export const MODEL_MOVES: Record<ModelState, readonly ModelState[]> = {
  probing: ["ready", "failed"],
  ready: ["deleted"],
  failed: ["deleted"],
  deleted: [],
};

export interface NewModel {
  id: string;
  name: string;
  jobId: string;
  /** Of a provisional model; absent: a final one. */
  checkpointStep?: number;
  base: string;
  task: string;
  recipe: string;
  /** File name to sha256, as `storeArtifact` answers. */
  files: Record<string, string>;
  sizeBytes: number;
  report: ModelReport;
}

export const createModelId = () => createId("model");

/** `ft:{base}:{tenant}:{suffix}:{id}`; without a suffix two colons meet. */
export function modelName(base: string, slug: string, suffix: string | null, id: string): string {
  return `ft:${base}:${slug}:${suffix ?? ""}:${id.replace(/^mdl_/, "")}`;
}

/** A provisional model is what a tuning begins from: step 0. */
export const PROVISIONAL_STEP = 0;
/** `{name of the model to come}:ckpt-step-0`. */
export const provisionalName = (final: string) => `${final}:ckpt-step-${PROVISIONAL_STEP}`;

export const isBase = (name: string): name is keyof typeof BASES => Object.hasOwn(BASES, name);

/** Another tenant's model and one that never was: the same error. */
export function modelNotFound(): AppError {
  return new AppError("model_not_found", { param: "model" });
}

/** What answers, newest first; a provisional model until the final one of its job is there. */
export async function listModels(tenantId: string): Promise<Model[]> {
  const hasSucceeded = sql`exists (select 1 from jobs j where j.tenant_id = ${models.tenantId}
    and j.id = ${models.jobId} and j.state = 'succeeded')`;
  const where = and(eq(models.state, "ready"), or(isNull(models.checkpointStep), sql`not ${hasSucceeded}`));
  return forTenant(tenantId, (tx) =>
    tx.select(models, where, { orderBy: [desc(models.createdAt), desc(models.id)] }),
  );
}

const isProvisionalOf = (jobIds: readonly string[]) =>
  and(inArray(models.jobId, [...jobIds]), isNotNull(models.checkpointStep)) as SQL;

/** The provisional models of jobs that answer now: at most one a job, but for a moment two. Newest first. */
export async function listProvisional(tenantId: string, jobIds: readonly string[]): Promise<Model[]> {
  if (jobIds.length === 0) return [];
  const where = and(isProvisionalOf(jobIds), eq(models.state, "ready"));
  return forTenant(tenantId, (tx) => tx.select(models, where, { orderBy: desc(models.id) }));
}

/** By id or by name, in one of the given states; otherwise `model_not_found`. */
export async function getModel(
  tenantId: string,
  idOrName: string,
  states: readonly ModelState[] = ["ready"],
): Promise<Model> {
  const found = await findModel(tenantId, idOrName, states);
  if (!found) throw modelNotFound();
  return found;
}

/** Inside the worker's transaction; delivering the same job twice leaves one model. */
export async function insertProbingModel(tx: TenantTx, model: NewModel): Promise<void> {
  await tx.insertNew(models, { ...model, state: "probing" });
}

/** The files of a model that was named before they were stored. */
export const fillModel = (
  tx: TenantTx,
  id: string,
  stored: { files: Record<string, string>; sizeBytes: number },
) => tx.update(models, stored, eq(models.id, id));

async function move(tx: TenantTx, id: string, to: ModelState): Promise<boolean> {
  const from = (Object.keys(MODEL_MOVES) as ModelState[]).filter((state) => MODEL_MOVES[state].includes(to));
  const where = and(eq(models.id, id), inArray(models.state, from));
  return where !== undefined && (await tx.update(models, { state: to }, where)).length > 0;
}

/** False when the model was not `probing` any more. */
export const markReady = (tx: TenantTx, id: string) => move(tx, id, "ready");
export const markFailed = (tx: TenantTx, id: string) => move(tx, id, "failed");

/** The models that an attempt of this job left half-way; their bytes are for the caller to remove. */
export async function failProbing(tx: TenantTx, jobId: string): Promise<string[]> {
  const left = await tx.select(models, and(eq(models.jobId, jobId), eq(models.state, "probing")));
  for (const { id } of left) await markFailed(tx, id);
  return left.map(({ id }) => id);
}

/** Takes a provisional model out of use; `purgeModel` is the other half, after the commit. */
export const retireModel = (tx: TenantTx, id: string) => move(tx, id, "deleted");

export const removeModelBlobs = (tenantId: string, id: string) => removeBlobs(modelKey(tenantId, id, ""));

/** The bytes and the customer's texts of a deleted model; safe to repeat. */
export async function purgeModel({ tenantId, id, report }: Model): Promise<void> {
  await removeModelBlobs(tenantId, id);
  await forTenant(tenantId, (tx) =>
    tx.update(models, { files: {}, report: figuresAlone(report) }, eq(models.id, id)),
  );
}

/** A report keeps figures for history; the customer's texts in it go with the model. */
function figuresAlone(report: ModelReport): ModelReport {
  const { columns: _, ...figures } = withoutRows(report);
  return figures;
}

/**
 * The row first, so that nobody opens it any more, then the blobs, then the mark that they are gone: a
 * deletion that was cut off is finished by asking again. Serve lets go of it at its next look at the row.
 * With a final model goes the provisional one of its job.
 */
export async function deleteModel(actor: Actor, idOrName: string): Promise<Model> {
  const { tenantId } = actor;
  const found = await getModel(tenantId, idOrName, ["ready", "failed", "deleted"]);
  if (found.state === "deleted" && Object.keys(found.files).length === 0) throw modelNotFound();
  const others = await forTenant(tenantId, async (tx) => {
    await assertUnused(tx, found);
    if (found.state !== "deleted") {
      if (!(await move(tx, found.id, "deleted"))) throw modelNotFound();
      await writeAudit(tx, actor, "model.deleted", found.name);
    }
    // One that never answered takes nothing along: its job's provisional model is all that there is.
    if (found.checkpointStep !== null || found.state === "failed") return [];
    const provisional = await tx.select(models, isProvisionalOf([found.jobId]));
    for (const { id } of provisional) await retireModel(tx, id);
    return provisional.filter((model) => Object.keys(model.files).length > 0);
  });
  for (const model of [...others, found]) await purgeModel(model);
  return found;
}

/** A name that callers use must not stop answering by the way. */
async function assertUnused(tx: TenantTx, { id }: Model): Promise<void> {
  const where = sql`${id} in (model_id, canary_model_id, shadow_model_id)`;
  const [used] = await tx.select(deployments, where, { limit: 1 });
  if (used)
    fail("state_conflict", `It answers under the name \`${used.name}\`; have another version answer first.`);
}

export function modelToWire(model: Model, slug: string) {
  const { evaluation, rows, labels, floor } = model.report;
  return {
    id: model.name,
    object: "model" as const,
    created: unix(model.createdAt),
    owned_by: slug,
    shutdown_date: null,
    graft: {
      id: model.id,
      task: model.task,
      recipe: model.recipe,
      base: model.base,
      job: model.jobId,
      checkpoint_step: model.checkpointStep,
      size_bytes: model.sizeBytes,
      labels,
      rows: rows.total,
      ...Object.fromEntries(figuresOf(evaluation)),
      evaluated_on: { kind: evaluation.kind, rows: evaluation.n },
      ...Object.fromEntries(
        Object.entries(floor.scores).map(([name, { value }]) => [`floor_${name}`, value]),
      ),
    },
  };
}

/** The release of the sentence-transformers weights; a base has no row of ours. */
const BASE_CREATED = 1630281600;

export function baseToWire(id: keyof typeof BASES) {
  const base = BASES[id];
  return {
    id,
    object: "model" as const,
    created: BASE_CREATED,
    owned_by: "graft",
    shutdown_date: null,
    graft: {
      task: "embedding",
      title: base.title,
      licence: base.licence,
      dimensions: base.hidden,
      max_tokens: base.maxTokens,
    },
  };
}
