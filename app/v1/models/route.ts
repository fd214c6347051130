import { deployedModelToWire, listDeployments } from "@/lib/deployments";
import { DEFAULT_BASE } from "@/lib/ml/catalogue";
import { baseToWire, listModels, modelToWire } from "@/lib/models";
import { route } from "@/lib/route";

export const GET = route({ auth: "tenant", permission: "models.read" }, async ({ actor }) => ({
  object: "list",
  data: [
    baseToWire(DEFAULT_BASE),
    ...(await listDeployments(actor.tenantId)).map((deployed) => deployedModelToWire(deployed, actor.slug)),
    ...(await listModels(actor.tenantId)).map((model) => modelToWire(model, actor.slug)),
  ],
}));
