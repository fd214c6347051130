import { z } from "zod";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { removeTime } from "@/lib/time-entries";
import { idField } from "@/lib/users";

export const DELETE = route(
  { auth: "staff", permission: "desk.write", params: z.object({ tenant: idField, id: idField }) },
  async ({ person, params }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    await removeTime(tenantId, params.id, person.userId);
    return { deleted: true };
  },
);
