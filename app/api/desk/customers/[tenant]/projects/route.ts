import { z } from "zod";
import { createProject } from "@/lib/projects";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField, nameField } from "@/lib/users";

export const POST = route(
  {
    auth: "staff",
    permission: "desk.write",
    params: z.object({ tenant: idField }),
    body: z.object({ title: nameField }),
  },
  async ({ person, params, body }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    const { id } = await createProject(tenantId, { ...body, ownerStaffId: person.userId }, person.userId);
    return { id };
  },
);
