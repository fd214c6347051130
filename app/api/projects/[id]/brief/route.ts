import { z } from "zod";
import { actorId } from "@/lib/audit";
import { answerBrief } from "@/lib/projects";
import { route } from "@/lib/route";
import { briefSchema } from "@/lib/scope";
import { idField } from "@/lib/users";

export const PATCH = route(
  {
    auth: "tenant",
    permission: "projects.write",
    params: z.object({ id: idField }),
    body: briefSchema,
  },
  async ({ actor, params, body }) => ({
    brief: (await answerBrief(actor.tenantId, params.id, body, actorId(actor))).brief,
  }),
);
