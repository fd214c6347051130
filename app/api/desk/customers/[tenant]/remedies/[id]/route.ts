import { z } from "zod";
import { dropRemedy } from "@/lib/remedies";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

/** Takes a proposal back that the customer has not decided on. */
export const PATCH = route(
  {
    auth: "staff",
    permission: "billing.write",
    params: z.object({ tenant: idField, id: idField }),
    body: z.object({ state: z.literal("withdrawn") }),
  },
  async ({ person, params, body }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    return { state: (await dropRemedy(tenantId, params.id, body.state, { by: person.userId })).state };
  },
);
