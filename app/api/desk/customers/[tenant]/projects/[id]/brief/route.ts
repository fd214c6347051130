import { z } from "zod";
import { answerBrief } from "@/lib/projects";
import { route } from "@/lib/route";
import { briefSchema } from "@/lib/scope";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

export const PATCH = route(
  {
    auth: "staff",
    permission: "desk.write",
    params: z.object({ tenant: idField, id: idField }),
    body: briefSchema,
  },
  async ({ person, params, body }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    return { brief: (await answerBrief(tenantId, params.id, body, person.userId)).brief };
  },
);
