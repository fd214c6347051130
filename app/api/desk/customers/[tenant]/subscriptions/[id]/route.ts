import { z } from "zod";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { endSubscription } from "@/lib/subscriptions";
import { idField } from "@/lib/users";

/** Ends the plan that the customer is on, with no other one behind it. */
export const PATCH = route(
  {
    auth: "staff",
    permission: "billing.write",
    params: z.object({ tenant: idField, id: idField }),
    body: z.object({ endsOn: z.iso.date() }),
  },
  async ({ person, params, body: { endsOn } }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    await endSubscription(tenantId, params.id, new Date(`${endsOn}T00:00:00Z`), person.userId);
    return { id: params.id };
  },
);
