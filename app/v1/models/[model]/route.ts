import { baseToWire, deleteModel, getModel, isBase, modelToWire } from "@/lib/models";
import { route } from "@/lib/route";
import { modelParams } from "../schema";

export const GET = route(
  { auth: "tenant", permission: "models.read", params: modelParams },
  async ({ actor, params }) =>
    isBase(params.model)
      ? baseToWire(params.model)
      : modelToWire(await getModel(actor.tenantId, params.model), actor.slug),
);

export const DELETE = route(
  { auth: "tenant", permission: "models.delete", params: modelParams },
  async ({ actor, params }) => {
    const model = await deleteModel(actor, params.model);
    return { id: model.name, object: "model", deleted: true };
  },
);
