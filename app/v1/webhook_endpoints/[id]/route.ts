import { route } from "@/lib/route";
import { changeEndpoint, deleteEndpoint, endpointToWire, findEndpoint } from "@/lib/webhooks";
import { changeBody, endpointParams } from "../schema";

export const GET = route(
  { auth: "tenant", permission: "webhooks.manage", params: endpointParams },
  async ({ actor, params }) => endpointToWire(await findEndpoint(actor.tenantId, params.id)),
);

export const PATCH = route(
  { auth: "tenant", permission: "webhooks.manage", params: endpointParams, body: changeBody },
  async ({ actor, params, body }) => endpointToWire(await changeEndpoint(actor, params.id, body)),
);

export const DELETE = route(
  { auth: "tenant", permission: "webhooks.manage", params: endpointParams },
  async ({ actor, params }) => {
    await deleteEndpoint(actor, params.id);
    return { id: params.id, object: "webhook_endpoint", deleted: true };
  },
);
