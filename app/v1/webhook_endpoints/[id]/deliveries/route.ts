import { route } from "@/lib/route";
import { deliveryToWire, findEndpoint, listDeliveries } from "@/lib/webhooks";
import { deliveriesQuery, endpointParams } from "../../schema";

export const GET = route(
  { auth: "tenant", permission: "webhooks.manage", params: endpointParams, query: deliveriesQuery },
  async ({ actor, params, query }) => {
    await findEndpoint(actor.tenantId, params.id);
    const { data, hasMore } = await listDeliveries(actor.tenantId, params.id, query);
    return {
      object: "list",
      data: data.map(deliveryToWire),
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: hasMore,
    };
  },
);
