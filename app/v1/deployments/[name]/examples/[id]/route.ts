import { z } from "zod";
import { getDeployment } from "@/lib/deployments";
import { route } from "@/lib/route";
import { removeExample } from "@/lib/saved-examples";
import { deploymentParams } from "../../../schema";

export const DELETE = route(
  {
    auth: "tenant",
    permission: "models.deploy",
    params: deploymentParams.extend({ id: z.string().min(1).max(100) }),
  },
  async ({ actor, params }) => {
    const { deployment } = await getDeployment(actor.tenantId, params.name);
    await removeExample(actor.tenantId, deployment.id, params.id);
    return { id: params.id, object: "example", deleted: true };
  },
);
