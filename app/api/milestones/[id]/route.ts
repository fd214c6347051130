import { z } from "zod";
import { actorId } from "@/lib/audit";
import { acceptMilestone } from "@/lib/milestones";
import { route } from "@/lib/route";
import { idField } from "@/lib/users";

/** The customer takes what was reached, or agrees to do without. */
export const PATCH = route(
  {
    auth: "tenant",
    permission: "projects.sign",
    params: z.object({ id: idField }),
    body: z.object({ state: z.enum(["accepted", "waived"]) }),
  },
  async ({ actor, params, body }) => ({
    state: (await acceptMilestone(actor.tenantId, params.id, body.state, actorId(actor))).state,
  }),
);
