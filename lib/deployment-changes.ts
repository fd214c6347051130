import { eq, sql } from "drizzle-orm";
import { deploymentChanges, deployments, shadowCounts } from "@/db/schema/serving";
import { forTenant, type TenantTx } from "@/db/tenant";
import { actorId, writeAudit } from "./audit";
import {
  askedAt,
  assertAdjustable,
  DEPLOYMENT_NAME,
  type Deployed,
  type Deployment,
  type DeploymentChange,
  getDeployment,
  noDeployment,
} from "./deployments";
import { fail } from "./errors";
import { createId } from "./id";
import { getModel, isBase, type Model } from "./models";
import { assertExamples } from "./saved-examples";
import type { Actor } from "./session";
import { emitEvent } from "./webhook-events";

/** What becomes of a name: one change at a time, each in its history and in the audit. */

export function assertDeploymentName(name: string, param: string): void {
  if (!DEPLOYMENT_NAME.test(name) || name.length > 64 || isBase(name))
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

/**
 * How much the adapter of the answering version counts from now on, when it gives the saved examples' answers so or is forced;
 * null: as chosen out of fold.
 */
export async function setStrength(
  actor: Actor,
  name: string,
  strength: number | null,
  isForced = false,
): Promise<void> {
  const { deployment, model } = await getDeployment(actor.tenantId, name);
  assertAdjustable(model);
  if (deployment.strength === strength) return;
  if (!isForced) await assertExamples(actor.tenantId, deployment.id, askedAt(model, strength), "strength");
  await change(actor, name, (now) => {
    if (now.modelId !== model.id) fail("state_conflict", "Another version answers by now.", "strength");
    if (now.strength === strength) return null;
    return { set: { strength }, note: { kind: "strength", modelId: model.id, strength, isForced } };
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
  if (!isForced) await assertExamples(actor.tenantId, deployment.id, model, "model");
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
