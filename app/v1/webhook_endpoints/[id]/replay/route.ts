import { route } from "@/lib/route";
import { replay } from "@/lib/webhooks";
import { endpointParams, replayBody } from "../../schema";

export const POST = route(
  { auth: "tenant", permission: "webhooks.manage", params: endpointParams, body: replayBody },
  async ({ actor, params, body }) => ({
    id: params.id,
    deliveries: await replay(actor, params.id, {
      delivery: body.delivery,
      since: body.since === undefined ? undefined : new Date(body.since * 1000),
    }),
  }),
);
