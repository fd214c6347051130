import { z } from "zod";
import { billedAmount } from "@/lib/customer-billing";
import { recordPayment } from "@/lib/payments";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField, nameField } from "@/lib/users";

/** Money that came by bank. The bank's reference is its name: recorded twice it is one payment. */
export const POST = route(
  {
    auth: "staff",
    permission: "billing.write",
    params: z.object({ tenant: idField }),
    body: z.object({
      amount: z.string().trim().max(30),
      receivedOn: z.iso.date(),
      reference: nameField,
      invoiceId: idField.optional(),
    }),
  },
  async ({ person, params, body: { amount, reference, ...body } }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    const billed = await billedAmount(tenantId, amount);
    const payment = { ...body, ...billed, provider: "bank" as const, providerId: reference };
    return { id: (await recordPayment(tenantId, payment, person.userId)).id };
  },
);
