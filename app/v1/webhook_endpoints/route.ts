import { route } from "@/lib/route";
import { createEndpoint, endpointToWire, listEndpoints } from "@/lib/webhooks";
import { endpointBody } from "./schema";

export const GET = route({ auth: "tenant", permission: "webhooks.manage" }, async ({ actor }) => ({
  object: "list",
  data: (await listEndpoints(actor.tenantId)).map(endpointToWire),
  has_more: false,
}));

export const POST = route(
  { auth: "tenant", permission: "webhooks.manage", body: endpointBody },
  async ({ actor, body }) => {
    const { endpoint, secret } = await createEndpoint(actor, body);
    // The only answer that ever holds the secret.
    return { ...endpointToWire(endpoint), secret };
  },
);
