import { deployedModelToWire, findDeployment } from "@/lib/deployments";
import { baseToWire, deleteModel, getModel, isBase, modelToWire } from "@/lib/models";
import { route } from "@/lib/route";
import { modelParams } from "../schema";

export const GET = route(
  { auth: "tenant", permission: "models.read", params: modelParams },
  async ({ actor, params }) => {
    if (isBase(params.model)) return baseToWire(params.model);
    const deployed = await findDeployment(actor.tenantId, params.model);
    return deployed
      ? deployedModelToWire(deployed, actor.slug)
      : modelToWire(await getModel(actor.tenantId, params.model), actor.slug);
  },
);

export const DELETE = route(
  { auth: "tenant", permission: "models.delete", params: modelParams },
  async ({ actor, params }) => {
    const model = await deleteModel(actor, params.model);
    return { id: model.name, object: "model", deleted: true };
  },
);
