import { z } from "zod";
import { actorId } from "@/lib/audit";
import { attachFile } from "@/lib/project-files";
import { route } from "@/lib/route";
import { idField, nameField } from "@/lib/users";

/** The request's body is the file. */
export const POST = route(
  {
    auth: "tenant",
    permission: "projects.write",
    perMinute: 60,
    params: z.object({ id: idField }),
    query: z.object({ name: nameField }),
  },
  async ({ actor, params, query, request }) => {
    const sent = { name: query.name, body: request.body };
    const { id, name, bytes } = await attachFile(actor.tenantId, params.id, sent, actorId(actor));
    return { id, name, bytes };
  },
);
