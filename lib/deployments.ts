import { randomInt } from "node:crypto";
import { desc, eq, inArray, sql } from "drizzle-orm";
import { deploymentChanges, deployments, shadowCounts } from "@/db/schema/serving";
import { models } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import { actorId, writeAudit } from "./audit";
import { fail } from "./errors";
import { createId } from "./id";
import { readModels } from "./known-models";
import { type Readings, strengthsOf } from "./ml/contract";
import { getModel, isBase, type Model, type ModelState, modelNotFound, modelToWire } from "./models";
import { assertExamples } from "./saved-examples";
import type { Actor } from "./session";
import { unix } from "./unix";
import { emitEvent } from "./webhook-events";

/**
 * A stable name that callers use. Its version answers; a canary answers so many calls of a hundred in its place; a shadow is
 * asked everything and its answers are only compared. Versions are named in full by who wants one and no other.
 */
export type Deployment = typeof deployments.$inferSelect;
export type DeploymentChange = typeof deploymentChanges.$inferSelect;

/** Neither a version's name nor its id looks like this, so no look at these rows is needed for them. */
const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;
export const MOST_PERCENT = 99;

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
  if (!NAME.test(name)) return getModel(tenantId, name, states);
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

const noDeployment = (name: string) => fail("not_found", `There is no deployment \`${name}\`.`);

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

export function assertDeploymentName(name: string, param: string): void {
  if (!NAME.test(name) || name.length > 64 || isBase(name))
    fail(
      "invalid_request",
      `\`${param}\`: up to 64 lower-case letters, digits and single hyphens, and no base's name.`,
      param,
    );
}

/** Who changes what answers under a name. */
type By = Pick<Actor, "tenantId" | "keyId" | "userId">;

export async function createDeployment(
  actor: By,
  { name, model: wanted }: { name: string; model: string },
): Promise<Deployed> {
  assertDeploymentName(name, "name");
  const model = await getModel(actor.tenantId, wanted);
  await forTenant(actor.tenantId, async (tx) => {
    const values = { id: createId("deployment"), name, task: model.task, modelId: model.id };
    const [made] = await tx.insertNew(deployments, values);
    if (!made) return fail("already_exists", `There is a deployment \`${name}\` already.`, "name");
    await noteChange(tx, actor, made, { kind: "created", modelId: model.id });
  });
  return getDeployment(actor.tenantId, name);
}

export async function deleteDeployment(actor: Actor, name: string): Promise<void> {
  await forTenant(actor.tenantId, async (tx) => {
    const [gone] = await tx.remove(deployments, eq(deployments.name, name));
    if (!gone) return noDeployment(name);
    await writeAudit(tx, actor, "deployment.deleted", name);
  });
}

interface Change {
  kind: DeploymentChange["kind"];
  modelId: string | null;
  percent?: number | null;
  strength?: number | null;
  isForced?: boolean;
}

async function noteChange(tx: TenantTx, actor: By, { id, name }: Deployment, change: Change) {
  await tx.insert(deploymentChanges, {
    ...change,
    id: createId("change"),
    deploymentId: id,
    createdBy: actorId(actor),
  });
  const { kind, modelId, ...more } = change;
  if (kind === "promoted" && modelId) await emitEvent(tx, "model.promoted", { id: name, model: modelId });
  await writeAudit(tx, actorId(actor), `deployment.${kind}`, name, { model: modelId, ...more });
}

/** One change at a time; `decide` sees the row as nobody else changes it, and says what becomes of it, or nothing. */
async function change(
  actor: By,
  name: string,
  decide: (now: Deployment) => { set: Partial<Deployment>; note: Change } | null,
): Promise<Deployed> {
  await forTenant(actor.tenantId, async (tx) => {
    await tx.query(
      sql`select 1 from deployments where tenant_id = ${tx.tenantId} and name = ${name} for update`,
    );
    const now = await tx.one(deployments, eq(deployments.name, name));
    if (!now) return noDeployment(name);
    const decided = decide(now);
    if (!decided) return;
    await tx.update(deployments, decided.set, eq(deployments.id, now.id));
    const { kind, modelId } = decided.note;
    // What a shadow was compared with may have been answered at another strength.
    if (kind === "strength" || kind === "promoted")
      await tx.remove(shadowCounts, sql`deployment_id = ${now.id} and model_id = ${modelId}`);
    await noteChange(tx, actor, now, decided.note);
  });
  return getDeployment(actor.tenantId, name);
}

/** A version that may answer under this name: of the same task, and ready. */
async function candidate(actor: By, { task, name }: Deployment, wanted: string): Promise<Model> {
  const model = await getModel(actor.tenantId, wanted);
  if (model.task !== task)
    fail(
      "task_unsupported",
      `\`${name}\` answers the task \`${task}\`, this model \`${model.task}\`.`,
      "model",
    );
  return model;
}

const ANSWERS_ALREADY = "This version answers already.";

export interface Trial {
  canary?: { model: string; percent: number } | null | undefined;
  shadow?: { model: string } | null | undefined;
}

/** Begins, changes or ends a canary or a shadow. */
export async function tryVersions(actor: Actor, name: string, { canary, shadow }: Trial): Promise<Deployed> {
  let deployed = await getDeployment(actor.tenantId, name);
  const { deployment } = deployed;
  if (canary !== undefined) {
    const modelId = canary && (await candidate(actor, deployment, canary.model)).id;
    const percent = canary?.percent ?? null;
    deployed = await change(actor, name, (now) => {
      if (modelId === now.modelId) fail("state_conflict", ANSWERS_ALREADY, "canary");
      if (modelId === now.canaryModelId && percent === now.canaryPercent) return null;
      return {
        set: { canaryModelId: modelId, canaryPercent: percent },
        note: { kind: "canary", modelId, percent },
      };
    });
  }
  if (shadow !== undefined) {
    const modelId = shadow && (await candidate(actor, deployment, shadow.model)).id;
    deployed = await change(actor, name, (now) => {
      if (modelId === now.modelId) fail("state_conflict", ANSWERS_ALREADY, "shadow");
      if (modelId === now.shadowModelId) return null;
      return { set: { shadowModelId: modelId }, note: { kind: "shadow", modelId } };
    });
  }
  return deployed;
}

/** What a version was right on at each strength of its adapter; null where no strength can be set. */
export const adjustable = ({ files, report }: Model): Readings | null =>
  files["adapter.f32"] ? strengthsOf(report) : null;

/** How much the adapter of the answering version counts from now on; null: as chosen out of fold. */
export async function setStrength(actor: Actor, name: string, strength: number | null): Promise<void> {
  const { model } = await getDeployment(actor.tenantId, name);
  if (!adjustable(model))
    fail(
      "unsupported_parameter",
      `\`strength\`: the version that answers (recipe \`${model.recipe}\`) has no adapter that was measured at several strengths. Promote one tuned by \`lora\` or \`full\` that has, or leave this out.`,
      "strength",
    );
  await change(actor, name, (now) => {
    if (now.modelId !== model.id) fail("state_conflict", "Another version answers by now.", "strength");
    if (now.strength === strength) return null;
    return { set: { strength }, note: { kind: "strength", modelId: model.id, strength } };
  });
}

/** What answers from now on alone, at its own strength: no canary any more, and no shadow of itself. */
const answersAlone = (now: Deployment, modelId: string, strength: number | null): Partial<Deployment> => ({
  ...{ modelId, strength, previousModelId: now.modelId, previousStrength: now.strength },
  ...{ canaryModelId: null, canaryPercent: null },
  ...(now.shadowModelId === modelId ? { shadowModelId: null } : {}),
});

/** The canary, or the version that is named, answers from now on, when it gives the saved examples' answers or is forced. */
export async function promote(
  actor: By,
  name: string,
  { model: wanted, isForced = false }: { model?: string | undefined; isForced?: boolean | undefined },
): Promise<Deployed> {
  const { deployment, canary } = await getDeployment(actor.tenantId, name);
  const named = wanted ?? canary?.name;
  if (named === undefined)
    return fail("invalid_request", "`model`: there is no canary; name the version to promote.", "model");
  const model = await candidate(actor, deployment, named);
  if (model.id === deployment.modelId) fail("state_conflict", ANSWERS_ALREADY, "model");
  if (!isForced) await assertExamples(actor.tenantId, deployment.id, model);
  return change(actor, name, (now) => {
    if (model.id === now.modelId) fail("state_conflict", ANSWERS_ALREADY, "model");
    // Another model has another curve.
    const set = answersAlone(now, model.id, null);
    return { set, note: { kind: "promoted", modelId: model.id, isForced } };
  });
}

/** Back to the version that answered before, at the strength that it had, at once: nothing is asked first. Again, and the newer one answers. */
export async function rollBack(actor: Actor, name: string): Promise<Deployed> {
  const { previous } = await getDeployment(actor.tenantId, name);
  if (previous && previous.state !== "ready")
    fail("state_conflict", `The version before, \`${previous.name}\`, is deleted; promote another one.`);
  return change(actor, name, (now) => {
    const { previousModelId: modelId, previousStrength: strength } = now;
    if (modelId === null) return fail("state_conflict", "No other version answered before.");
    return { set: answersAlone(now, modelId, strength), note: { kind: "rolled_back", modelId, strength } };
  });
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
