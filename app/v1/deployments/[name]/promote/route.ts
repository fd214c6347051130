import { promote } from "@/lib/deployment-changes";
import { deploymentToWire } from "@/lib/deployments";
import { route } from "@/lib/route";
import { deploymentParams, promotionBody } from "../../schema";

export const POST = route(
  { auth: "tenant", permission: "models.deploy", params: deploymentParams, body: promotionBody },
  async ({ actor, params, body }) =>
    deploymentToWire(await promote(actor, params.name, { model: body.model, isForced: body.force })),
);
