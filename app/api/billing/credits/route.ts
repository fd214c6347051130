import { z } from "zod";
import { actorId } from "@/lib/audit";
import { readProfile } from "@/lib/billing-profiles";
import { minorOf } from "@/lib/customer-billing";
import { fail } from "@/lib/errors";
import { buyCredit } from "@/lib/prepaid";
import { route } from "@/lib/route";

/** Orders a credit: its invoice is there at once, and it counts when that is paid. */
export const POST = route(
  {
    auth: "tenant",
    permission: "billing.manage",
    body: z.object({ amount: z.string().trim().max(30) }),
    perMinute: 10,
  },
  async ({ actor, body }) => {
    const { currency } =
      (await readProfile(actor.tenantId)) ?? fail("state_conflict", "Fill in the billing profile first.");
    const amountMinor = minorOf(body.amount, currency, "amount");
    const { credit, invoice } = await buyCredit(actor.tenantId, amountMinor, actorId(actor));
    return { id: credit.id, invoice: invoice.id, number: invoice.number };
  },
);
