import { getDeployment } from "@/lib/deployments";
import { route } from "@/lib/route";
import { exampleToWire, listExamples, saveExample } from "@/lib/saved-examples";
import { deploymentParams, exampleBody } from "../../schema";

export const GET = route(
  { auth: "tenant", permission: "models.read", params: deploymentParams },
  async ({ actor, params }) => {
    const { deployment } = await getDeployment(actor.tenantId, params.name);
    const examples = await listExamples(actor.tenantId, deployment.id);
    return { object: "list", data: examples.map(exampleToWire), has_more: false };
  },
);

export const POST = route(
  { auth: "tenant", permission: "feedback.create", params: deploymentParams, body: exampleBody },
  async ({ actor, params, body }) => {
    const { deployment } = await getDeployment(actor.tenantId, params.name);
    return exampleToWire(await saveExample(actor, deployment, body));
  },
);
