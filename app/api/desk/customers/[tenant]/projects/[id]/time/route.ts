import { z } from "zod";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { addTime, timeSchema } from "@/lib/time-entries";
import { idField } from "@/lib/users";

export const POST = route(
  {
    auth: "staff",
    permission: "desk.write",
    params: z.object({ tenant: idField, id: idField }),
    body: timeSchema,
  },
  async ({ person, params, body }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    return { id: (await addTime(tenantId, params.id, body, person.userId)).id };
  },
);
