import { route } from "@/lib/route";
import { unix } from "@/lib/unix";
import { rotateSecret } from "@/lib/webhooks";
import { endpointParams } from "../../schema";

export const POST = route(
  { auth: "tenant", permission: "webhooks.manage", params: endpointParams },
  async ({ actor, params }) => {
    const { secret, previousUntil } = await rotateSecret(actor, params.id);
    return { id: params.id, secret, previous_valid_until: unix(previousUntil) };
  },
);
