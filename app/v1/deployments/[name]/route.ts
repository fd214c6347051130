import { deleteDeployment, setStrength, tryVersions } from "@/lib/deployment-changes";
import { deploymentToWire, getDeployment } from "@/lib/deployments";
import { route } from "@/lib/route";
import { changeBody, deploymentParams } from "../schema";

export const GET = route(
  { auth: "tenant", permission: "models.read", params: deploymentParams },
  async ({ actor, params }) => deploymentToWire(await getDeployment(actor.tenantId, params.name)),
);

export const PATCH = route(
  { auth: "tenant", permission: "models.deploy", params: deploymentParams, body: changeBody },
  async ({ actor, params, body: { strength, force, ...trial } }) => {
    if (strength !== undefined) await setStrength(actor, params.name, strength, force);
    return deploymentToWire(await tryVersions(actor, params.name, trial));
  },
);

export const DELETE = route(
  { auth: "tenant", permission: "models.deploy", params: deploymentParams },
  async ({ actor, params }) => {
    await deleteDeployment(actor, params.name);
    return { id: params.name, object: "deployment", deleted: true };
  },
);
