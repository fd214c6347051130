import { actorId } from "@/lib/audit";
import { route } from "@/lib/route";
import { rowLimitSchema, saveRowLimit } from "@/lib/row-limits";

/** How many rows a key or a model may answer in a month; two nulls take the limit away. */
export const PUT = route(
  { auth: "tenant", permission: "billing.manage", body: rowLimitSchema },
  async ({ actor, body }) => {
    await saveRowLimit(actor.tenantId, body, actorId(actor));
    return body;
  },
);
