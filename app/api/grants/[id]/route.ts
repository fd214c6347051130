import { z } from "zod";
import { allowRows, endGrant } from "@/lib/access-grants";
import { actorId } from "@/lib/audit";
import { route } from "@/lib/route";
import { idField } from "@/lib/users";

/** The customer allows a member of staff to see rows, says no, or takes it back. */
export const PATCH = route(
  {
    auth: "tenant",
    permission: "projects.sign",
    params: z.object({ id: idField }),
    body: z.object({ state: z.enum(["allowed", "ended"]) }),
  },
  async ({ actor, params, body }) => {
    const decide = body.state === "allowed" ? allowRows : endGrant;
    const { expiresAt, endedAt } = await decide(actor.tenantId, params.id, actorId(actor));
    return { expiresAt, endedAt };
  },
);
