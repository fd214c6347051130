import { z } from "zod";
import { actorId } from "@/lib/audit";
import { declineQuote } from "@/lib/quotes";
import { route } from "@/lib/route";
import { commentField } from "@/lib/scope";
import { idField } from "@/lib/users";

export const PATCH = route(
  {
    auth: "tenant",
    permission: "projects.sign",
    params: z.object({ id: idField }),
    body: z.object({ state: z.literal("declined"), because: commentField }),
  },
  async ({ actor, params, body }) => ({
    state: (await declineQuote(actor.tenantId, params.id, body.because, actorId(actor))).state,
  }),
);
