import { and, desc, eq, inArray, or } from "drizzle-orm";
import { models } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { AppError } from "./errors";
import { createId } from "./id";
import { BASES } from "./ml/catalogue";
import type { ModelReport } from "./ml/contract";
import type { Actor } from "./session";
import { removeBlobs } from "./storage";

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

export const isBase = (name: string): name is keyof typeof BASES => Object.hasOwn(BASES, name);

/** Another tenant's model and one that never was: the same error. */
export function modelNotFound(): AppError {
  return new AppError("model_not_found", { param: "model" });
}

export async function listModels(tenantId: string): Promise<Model[]> {
  return forTenant(tenantId, (tx) =>
    tx.select(models, eq(models.state, "ready"), { orderBy: [desc(models.createdAt), desc(models.id)] }),
  );
}

/** By id or by name, in one of the given states; otherwise `model_not_found`. */
export async function getModel(
  tenantId: string,
  idOrName: string,
  states: readonly ModelState[] = ["ready"],
): Promise<Model> {
  const found = await forTenant(tenantId, (tx) =>
    tx.one(
      models,
      and(or(eq(models.id, idOrName), eq(models.name, idOrName)), inArray(models.state, [...states])) ??
        eq(models.id, idOrName),
    ),
  );
  if (!found) throw modelNotFound();
  return found;
}

/** Inside the worker's transaction; delivering the same job twice leaves one model. */
export async function insertProbingModel(tx: TenantTx, model: NewModel): Promise<void> {
  await tx.insertNew(models, { ...model, state: "probing" });
}

async function move(tx: TenantTx, id: string, to: ModelState): Promise<boolean> {
  const from = (Object.keys(MODEL_MOVES) as ModelState[]).filter((state) => MODEL_MOVES[state].includes(to));
  const where = and(eq(models.id, id), inArray(models.state, from));
  return where !== undefined && (await tx.update(models, { state: to }, where)).length > 0;
}

/** False when the model was not `probing` any more. */
export const markReady = (tx: TenantTx, id: string) => move(tx, id, "ready");
export const markFailed = (tx: TenantTx, id: string) => move(tx, id, "failed");

/** A report keeps figures for history; the customer's texts in it go with the model. */
function withoutTexts(report: ModelReport): ModelReport {
  const { labelIssues, ...figures } = report;
  return {
    ...figures,
    evaluation: { ...report.evaluation, confusions: [] },
    ...(labelIssues ? { labelIssues: { ...labelIssues, rows: [] } } : {}),
  };
}

/**
 * The row first, so that nobody opens it any more, then the blobs, then the mark that they are gone: a
 * deletion that was cut off is finished by asking again. Serve lets go of it at its next look at the row.
 */
export async function deleteModel(actor: Actor, idOrName: string): Promise<Model> {
  const { tenantId } = actor;
  const found = await getModel(tenantId, idOrName, ["ready", "failed", "deleted"]);
  if (found.state === "deleted" && Object.keys(found.files).length === 0) throw modelNotFound();
  if (found.state !== "deleted") {
    await forTenant(tenantId, async (tx) => {
      if (!(await move(tx, found.id, "deleted"))) throw modelNotFound();
      await writeAudit(tx, actor, "model.deleted", found.name);
    });
  }
  await removeBlobs(`${tenantId}/models/${found.id}/`);
  await forTenant(tenantId, (tx) =>
    tx.update(models, { files: {}, report: withoutTexts(found.report) }, eq(models.id, found.id)),
  );
  return found;
}

const unix = (at: Date) => Math.floor(at.getTime() / 1000);

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
      size_bytes: model.sizeBytes,
      labels,
      rows: rows.total,
      accuracy: evaluation.accuracy,
      macro_f1: evaluation.macroF1,
      evaluated_on: { kind: evaluation.kind, rows: evaluation.n },
      floor_accuracy: floor.accuracy.value,
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
