import { route } from "@/lib/route";
import { deliveryToWire, findEndpoint, listDeliveries } from "@/lib/webhooks";
import { endpointParams } from "../../schema";

export const GET = route(
  { auth: "tenant", permission: "webhooks.manage", params: endpointParams },
  async ({ actor, params }) => {
    await findEndpoint(actor.tenantId, params.id);
    const deliveries = await listDeliveries(actor.tenantId, params.id);
    return { object: "list", data: deliveries.map(deliveryToWire), has_more: false };
  },
);
