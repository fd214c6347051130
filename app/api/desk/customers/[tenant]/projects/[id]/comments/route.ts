import { z } from "zod";
import { addComment } from "@/lib/projects";
import { route } from "@/lib/route";
import { commentField } from "@/lib/scope";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

export const POST = route(
  {
    auth: "staff",
    permission: "desk.write",
    params: z.object({ tenant: idField, id: idField }),
    body: z.object({ text: commentField, isInternal: z.boolean().default(false) }),
  },
  async ({ person, params, body }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    return addComment(tenantId, params.id, body, { by: person.userId, side: "staff" });
  },
);
