import { z } from "zod";
import { contestLabels } from "@/lib/acceptance-answers";
import { actorId } from "@/lib/audit";
import { route } from "@/lib/route";
import { idField } from "@/lib/users";

/** The customer says which rows of a run were labelled wrongly. */
export const POST = route(
  {
    auth: "tenant",
    permission: "projects.sign",
    params: z.object({ id: idField }),
    body: z.object({
      contested: z
        .array(z.object({ line: z.number().int().min(1), label: z.string().min(1).max(200) }))
        .min(1)
        .max(2000),
    }),
  },
  async ({ actor, params, body }) => ({
    state: (await contestLabels(actor.tenantId, params.id, body.contested, actorId(actor))).state,
  }),
);
