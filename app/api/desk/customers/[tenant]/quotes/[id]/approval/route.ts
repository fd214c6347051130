import { z } from "zod";
import { approveDiscount } from "@/lib/quotes";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

/** Somebody else agrees to a discount above the limit. */
export const PUT = route(
  { auth: "staff", permission: "desk.approve", params: z.object({ tenant: idField, id: idField }) },
  async ({ person, params }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    return { approvedBy: (await approveDiscount(tenantId, params.id, person.userId)).approvedBy };
  },
);
