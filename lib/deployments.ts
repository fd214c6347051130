import { randomInt } from "node:crypto";
import { desc, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { deploymentChanges, deployments } from "@/db/schema/serving";
import { models } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import { fail } from "./errors";
import { readModels } from "./known-models";
import { type Readings, strengthsOf } from "./ml/contract";
import { getModel, type Model, type ModelState, modelNotFound, modelToWire } from "./models";
import { unix } from "./unix";

/**
 * A stable name that callers use. Its version answers; a canary answers so many calls of a hundred in its place; a shadow is
 * asked everything and its answers are only compared. Versions are named in full by who wants one and no other.
 */
export type Deployment = typeof deployments.$inferSelect;
export type DeploymentChange = typeof deploymentChanges.$inferSelect;

/** Neither a version's name nor its id looks like this, so no look at these rows is needed for them. */
export const DEPLOYMENT_NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** A share of what tuning changed: 0 is the base alone, 1 all of it. */
export const strengthSchema = z.number().min(0).max(1);

/** The model that answers a call, and who is asked the same in silence. */
export interface Answering extends Model {
  /** That its adapter counts at; absent: as chosen out of fold. */
  strength?: number;
  shadow?: Shadow;
}
export interface Shadow {
  deploymentId: string;
  model: Model;
}

/**
 * By a version's id or full name, or by a deployment's name: then its version at the deployment's strength, or its canary, as
 * chosen out of fold, in its share of the calls.
 */
export async function answeringModel(
  tenantId: string,
  name: string,
  states: readonly ModelState[],
): Promise<Answering> {
  if (!DEPLOYMENT_NAME.test(name)) return getModel(tenantId, name, states);
  return forTenant(tenantId, async (tx) => {
    const deployment = await tx.one(deployments, eq(deployments.name, name));
    if (!deployment) throw modelNotFound();
    const { modelId, strength, canaryModelId, canaryPercent, shadowModelId } = deployment;
    const versions = await versionsOf(tx, [deployment]);
    const ready = (id: string | null) => {
      const found = id === null ? undefined : versions.get(id);
      return found?.state === "ready" ? found : undefined;
    };
    const isCanarys = canaryPercent !== null && randomInt(100) < canaryPercent;
    const model = (isCanarys && ready(canaryModelId)) || ready(modelId);
    if (!model) throw modelNotFound();
    const shadow = ready(shadowModelId);
    return {
      ...model,
      ...(strength !== null && model.id === modelId && { strength }),
      ...(shadow && { shadow: { deploymentId: deployment.id, model: shadow } }),
    };
  });
}

/** Every model that these deployments name, by its id. */
async function versionsOf(tx: TenantTx, of: readonly Deployment[]): Promise<Map<string, Model>> {
  const ids = of.flatMap((one) => [one.modelId, one.previousModelId, one.canaryModelId, one.shadowModelId]);
  const named = [...new Set(ids.filter((id) => id !== null))];
  const found = named.length > 0 ? await readModels(tx, inArray(models.id, named)) : [];
  return new Map(found.map((model) => [model.id, model]));
}

/** A deployment with the models that it names. */
export interface Deployed {
  deployment: Deployment;
  model: Model;
  previous: Model | undefined;
  canary: Model | undefined;
  shadow: Model | undefined;
}

async function withVersions(tx: TenantTx, all: readonly Deployment[]): Promise<Deployed[]> {
  const versions = await versionsOf(tx, all);
  const named = (id: string | null) => (id === null ? undefined : versions.get(id));
  return all.map((deployment) => {
    const model = named(deployment.modelId);
    if (!model) throw new Error("a deployment's version has no row");
    const { previousModelId, canaryModelId, shadowModelId } = deployment;
    return {
      ...{ deployment, model, previous: named(previousModelId) },
      ...{ canary: named(canaryModelId), shadow: named(shadowModelId) },
    };
  });
}

export const listDeployments = (tenantId: string): Promise<Deployed[]> =>
  forTenant(tenantId, async (tx) =>
    withVersions(tx, await tx.select(deployments, undefined, { orderBy: sql`name` })),
  );

export const findDeployment = (tenantId: string, name: string): Promise<Deployed | undefined> =>
  forTenant(tenantId, async (tx) => {
    const found = await tx.one(deployments, eq(deployments.name, name));
    return (await withVersions(tx, found ? [found] : []))[0];
  });

export const noDeployment = (name: string) => fail("not_found", `There is no deployment \`${name}\`.`);

export const getDeployment = async (tenantId: string, name: string): Promise<Deployed> =>
  (await findDeployment(tenantId, name)) ?? noDeployment(name);

/** Newest first. */
export const deploymentHistory = (
  tenantId: string,
  deploymentId: string,
): Promise<(DeploymentChange & { modelName: string | null; by: string | null })[]> =>
  forTenant(tenantId, async (tx) => {
    const changes = await tx.select(deploymentChanges, eq(deploymentChanges.deploymentId, deploymentId), {
      orderBy: desc(deploymentChanges.id),
      limit: 100,
    });
    const named = await tx.query<{ id: string; model: string | null; by: string | null }>(sql`
      select c.id, m.name as model, coalesce(u.name, k.name) as by from deployment_changes c
      left join models m on m.tenant_id = c.tenant_id and m.id = c.model_id
      left join users u on u.id = c.created_by
      left join api_keys k on k.tenant_id = c.tenant_id and k.id = c.created_by
      where c.tenant_id = ${tenantId} and c.id = any(${sql.param(changes.map(({ id }) => id))}::text[])`);
    const byId = new Map(named.map((one) => [one.id, one]));
    return changes.map((change) => {
      const { model = null, by = null } = byId.get(change.id) ?? {};
      return { ...change, modelName: model, by };
    });
  });

/** What a version was right on at each strength of its adapter; null where no strength can be set. */
export const adjustable = ({ files, report }: Model): Readings | null =>
  files["adapter.f32"] ? strengthsOf(report) : null;

export function assertAdjustable(model: Model): void {
  if (!adjustable(model))
    fail(
      "unsupported_parameter",
      `\`strength\`: the version that answers (recipe \`${model.recipe}\`) has no adapter that was measured at several strengths. Ask one tuned by \`lora\` or \`full\` that has, or leave this out.`,
      "strength",
    );
}

/** The same version with its adapter counted so much; null: as chosen out of fold. It is compared with no shadow. */
export function askedAt(
  { strength: _, shadow: __, ...model }: Answering,
  strength: number | null,
): Answering {
  if (strength === null) return model;
  assertAdjustable(model);
  return { ...model, strength };
}

export function deploymentToWire({ deployment, model, previous, canary, shadow }: Deployed) {
  return {
    id: deployment.name,
    object: "deployment" as const,
    created: unix(deployment.createdAt),
    task: deployment.task,
    model: model.name,
    strength: deployment.strength,
    previous_model: previous?.name ?? null,
    canary: canary ? { model: canary.name, percent: deployment.canaryPercent } : null,
    shadow: shadow ? { model: shadow.name } : null,
  };
}

export const changeToWire = (change: Awaited<ReturnType<typeof deploymentHistory>>[number]) => ({
  id: change.id,
  object: "deployment.change" as const,
  created: unix(change.createdAt),
  kind: change.kind,
  model: change.modelName,
  percent: change.percent,
  strength: change.strength,
  forced: change.isForced,
  by: change.by,
});

/** As one of the models that a caller may name: what it says is its version's. */
export function deployedModelToWire(deployed: Deployed, slug: string) {
  const { id, created, object: _, task: __, ...deployment } = deploymentToWire(deployed);
  const version = modelToWire(deployed.model, slug);
  return {
    ...version,
    id,
    created,
    graft: { ...version.graft, deployment },
  };
}
