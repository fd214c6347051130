import { createDeployment } from "@/lib/deployment-changes";
import { deploymentToWire, listDeployments } from "@/lib/deployments";
import { route } from "@/lib/route";
import { deploymentBody } from "./schema";

export const GET = route({ auth: "tenant", permission: "models.read" }, async ({ actor }) => ({
  object: "list",
  data: (await listDeployments(actor.tenantId)).map(deploymentToWire),
  has_more: false,
}));

export const POST = route(
  { auth: "tenant", permission: "models.deploy", body: deploymentBody },
  async ({ actor, body }) => deploymentToWire(await createDeployment(actor, body)),
);
