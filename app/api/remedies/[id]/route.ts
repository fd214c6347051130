import { z } from "zod";
import { actorId } from "@/lib/audit";
import { dropRemedy } from "@/lib/remedies";
import { route } from "@/lib/route";
import { commentField } from "@/lib/scope";
import { idField } from "@/lib/users";

/** The customer does not agree, and says why. */
export const PATCH = route(
  {
    auth: "tenant",
    permission: "projects.sign",
    params: z.object({ id: idField }),
    body: z.object({ state: z.literal("declined"), because: commentField }),
  },
  async ({ actor, params, body }) => {
    const said = { by: actorId(actor), because: body.because };
    return { state: (await dropRemedy(actor.tenantId, params.id, body.state, said)).state };
  },
);
