import { route } from "@/lib/route";
import { sendTest } from "@/lib/webhooks";
import { endpointParams } from "../../schema";

export const POST = route(
  { auth: "tenant", permission: "webhooks.manage", params: endpointParams, perMinute: 30 },
  async ({ actor, params }) => {
    await sendTest(actor, params.id);
    return { id: params.id, sent: true };
  },
);
