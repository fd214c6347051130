import { z } from "zod";
import { attachFile } from "@/lib/project-files";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField, nameField } from "@/lib/users";

/** The request's body is the file. */
export const POST = route(
  {
    auth: "staff",
    permission: "desk.write",
    params: z.object({ tenant: idField, id: idField }),
    query: z.object({ name: nameField }),
  },
  async ({ person, params, query, request }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    const sent = { name: query.name, body: request.body };
    const { id, name, bytes } = await attachFile(tenantId, params.id, sent, person.userId);
    return { id, name, bytes };
  },
);
