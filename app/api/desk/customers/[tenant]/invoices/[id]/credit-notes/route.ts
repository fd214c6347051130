import { z } from "zod";
import { issueCreditNote } from "@/lib/credit-notes";
import { invoiceView, minorOf } from "@/lib/customer-billing";
import { route } from "@/lib/route";
import { textField } from "@/lib/scope";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

/** Corrects an issued invoice line by line. */
export const POST = route(
  {
    auth: "staff",
    permission: "billing.write",
    params: z.object({ tenant: idField, id: idField }),
    body: z.object({
      reason: textField(300),
      lines: z
        .array(z.object({ key: z.string().min(1).max(300), amount: z.string().trim().max(30) }))
        .min(1)
        .max(500),
    }),
  },
  async ({ person, params, body }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    const { invoice } = await invoiceView(tenantId, params.id);
    const lines = body.lines.map(({ key, amount }) => ({
      key,
      amountMinor: minorOf(amount, invoice.currency, "amount"),
    }));
    const credited = { reason: body.reason, lines };
    return { number: (await issueCreditNote(tenantId, params.id, credited, person.userId)).number };
  },
);
