import { z } from "zod";
import { actorId } from "@/lib/audit";
import { addComment } from "@/lib/projects";
import { route } from "@/lib/route";
import { commentField } from "@/lib/scope";
import { idField } from "@/lib/users";

export const POST = route(
  {
    auth: "tenant",
    permission: "projects.write",
    perMinute: 60,
    params: z.object({ id: idField }),
    body: z.object({ text: commentField }),
  },
  ({ actor, params, body }) =>
    addComment(actor.tenantId, params.id, body, { by: actorId(actor), side: "customer" }),
);
