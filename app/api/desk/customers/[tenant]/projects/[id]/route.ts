import { z } from "zod";
import { forTenant } from "@/db/tenant";
import { moveProject } from "@/lib/projects";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

export const PATCH = route(
  {
    auth: "staff",
    permission: "desk.write",
    params: z.object({ tenant: idField, id: idField }),
    body: z.object({
      state: z.enum(["scoping", "active", "maintenance", "paused", "closed", "lost"]),
      because: z.string().trim().max(500).optional(),
    }),
  },
  async ({ person, params, body }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    const move = { actor: person.userId, because: body.because };
    const moved = await forTenant(tenantId, (tx) => moveProject(tx, params.id, body.state, move));
    return { state: moved.state };
  },
);
