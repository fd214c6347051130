import { deleteDeployment, deploymentToWire, getDeployment, tryVersions } from "@/lib/deployments";
import { route } from "@/lib/route";
import { deploymentParams, trialBody } from "../schema";

export const GET = route(
  { auth: "tenant", permission: "models.read", params: deploymentParams },
  async ({ actor, params }) => deploymentToWire(await getDeployment(actor.tenantId, params.name)),
);

export const PATCH = route(
  { auth: "tenant", permission: "models.deploy", params: deploymentParams, body: trialBody },
  async ({ actor, params, body }) => deploymentToWire(await tryVersions(actor, params.name, body)),
);

export const DELETE = route(
  { auth: "tenant", permission: "models.deploy", params: deploymentParams },
  async ({ actor, params }) => {
    await deleteDeployment(actor, params.name);
    return { id: params.name, object: "deployment", deleted: true };
  },
);
