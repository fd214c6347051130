import { z } from "zod";
import { proposeRemedy, remedyInputSchema } from "@/lib/remedies";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

/** Proposes how a missed milestone ends; the customer's signature makes it so. */
export const POST = route(
  {
    auth: "staff",
    permission: "billing.write",
    params: z.object({ tenant: idField, id: idField }),
    body: remedyInputSchema,
  },
  async ({ person, params, body }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    return { id: (await proposeRemedy(tenantId, params.id, body, person.userId)).id };
  },
);
