import { DEFAULT_BASE } from "@/lib/ml/catalogue";
import { baseToWire, listModels, modelToWire } from "@/lib/models";
import { route } from "@/lib/route";

export const GET = route({ auth: "tenant", permission: "models.read" }, async ({ actor }) => ({
  object: "list",
  data: [
    baseToWire(DEFAULT_BASE),
    ...(await listModels(actor.tenantId)).map((model) => modelToWire(model, actor.slug)),
  ],
}));
