import { z } from "zod";
import { withdrawCredit } from "@/lib/prepaid";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

export const DELETE = route(
  { auth: "staff", permission: "billing.write", params: z.object({ tenant: idField, id: idField }) },
  async ({ person, params }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    await withdrawCredit(tenantId, params.id, person.userId);
    return { id: params.id };
  },
);
