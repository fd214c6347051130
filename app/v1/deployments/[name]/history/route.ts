import { changeToWire, deploymentHistory, getDeployment } from "@/lib/deployments";
import { route } from "@/lib/route";
import { deploymentParams } from "../../schema";

export const GET = route(
  { auth: "tenant", permission: "models.read", params: deploymentParams },
  async ({ actor, params }) => {
    const { deployment } = await getDeployment(actor.tenantId, params.name);
    const changes = await deploymentHistory(actor.tenantId, deployment.id);
    return { object: "list", data: changes.map(changeToWire), has_more: false };
  },
);
