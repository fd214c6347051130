import { z } from "zod";
import { overridesSchema } from "@/lib/price-sheet";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { subscribe } from "@/lib/subscriptions";
import { idField } from "@/lib/users";

/** Puts the customer on a plan from a day on, at its prices or at some of their own. */
export const POST = route(
  {
    auth: "staff",
    permission: "billing.write",
    params: z.object({ tenant: idField }),
    body: z.object({
      planId: idField,
      /** Of UTC, as billing periods are. */
      startsOn: z.iso.date(),
      overrides: overridesSchema.optional(),
    }),
  },
  async ({ person, params, body: { planId, startsOn, overrides } }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    const startsAt = new Date(`${startsOn}T00:00:00Z`);
    return { id: await subscribe(tenantId, { planId, startsAt, overrides }, person.userId) };
  },
);
