import { rollBack } from "@/lib/deployment-changes";
import { deploymentToWire } from "@/lib/deployments";
import { route } from "@/lib/route";
import { deploymentParams } from "../../schema";

export const POST = route(
  { auth: "tenant", permission: "models.deploy", params: deploymentParams },
  async ({ actor, params }) => deploymentToWire(await rollBack(actor, params.name)),
);
