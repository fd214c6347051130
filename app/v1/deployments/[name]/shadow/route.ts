import { getDeployment } from "@/lib/deployments";
import { fail } from "@/lib/errors";
import { route } from "@/lib/route";
import { reportOfShadow } from "@/lib/shadow-reports";
import { deploymentParams } from "../../schema";

export const GET = route(
  { auth: "tenant", permission: "models.read", params: deploymentParams },
  async ({ actor, params }) => {
    const deployed = await getDeployment(actor.tenantId, params.name);
    const report = (await reportOfShadow(deployed)) ?? fail("not_found", "No version is asked in silence.");
    return {
      object: "deployment.shadow_report",
      model: deployed.model.name,
      shadow: deployed.shadow?.name,
      ...report,
    };
  },
);
