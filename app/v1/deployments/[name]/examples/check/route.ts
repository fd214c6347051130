import { askedAt, getDeployment } from "@/lib/deployments";
import { getModel } from "@/lib/models";
import { route } from "@/lib/route";
import { triedToWire, tryExamples } from "@/lib/saved-examples";
import { checkBody, deploymentParams } from "../../../schema";

/** What a version answers to the saved examples; nothing changes. */
export const POST = route(
  { auth: "tenant", permission: "predictions.create", params: deploymentParams, body: checkBody },
  async ({ actor, params, body }) => {
    const { deployment } = await getDeployment(actor.tenantId, params.name);
    const named = await getModel(actor.tenantId, body.model);
    const { strength = named.id === deployment.modelId ? deployment.strength : null } = body;
    const model = askedAt(named, strength);
    const tried = await tryExamples(actor.tenantId, deployment.id, model);
    return { object: "list", model: model.name, data: tried.map(triedToWire), has_more: false };
  },
);
