import { z } from "zod";
import { submitModel } from "@/lib/acceptance";
import { handOverMilestone } from "@/lib/milestones";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

/** Hands a model in to be measured; without one, says that a milestone which nobody measures is done. */
export const POST = route(
  {
    auth: "staff",
    permission: "desk.write",
    params: z.object({ tenant: idField, id: idField }),
    body: z.object({ modelId: idField.optional() }),
  },
  async ({ person, params, body }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    const { state } = body.modelId
      ? await submitModel(tenantId, params.id, body.modelId, person.userId)
      : await handOverMilestone(tenantId, params.id, person.userId);
    return { state };
  },
);
