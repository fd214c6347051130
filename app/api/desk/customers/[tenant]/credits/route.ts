import { z } from "zod";
import { billedAmount } from "@/lib/customer-billing";
import { grantCredit } from "@/lib/prepaid";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField, nameField } from "@/lib/users";

/** Money off a customer's next months. */
export const POST = route(
  {
    auth: "staff",
    permission: "billing.write",
    params: z.object({ tenant: idField }),
    body: z.object({
      amount: z.string().trim().max(30),
      reason: nameField,
      /** `2026-03`, the last month that it lessens. */
      throughMonth: z.string().trim().max(7).nullish(),
    }),
  },
  async ({ person, params, body: { amount, reason, throughMonth } }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    const { amountMinor } = await billedAmount(tenantId, amount);
    const grant = { amountMinor, reason, throughMonth: throughMonth || null };
    return { id: (await grantCredit(tenantId, grant, person.userId)).id };
  },
);
