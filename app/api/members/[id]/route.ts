import { z } from "zod";
import { changeRole, removeMember } from "@/lib/members";
import { ROLE_NAMES } from "@/lib/permissions";
import { route } from "@/lib/route";
import { idField } from "@/lib/users";

/** The id is the person's user id. */
const params = z.object({ id: idField });

export const PATCH = route(
  { auth: "tenant", permission: "members.manage", params, body: z.object({ role: z.enum(ROLE_NAMES) }) },
  async ({ actor, params, body }) => {
    await changeRole(actor, params.id, body.role);
    return { id: params.id, role: body.role };
  },
);

export const DELETE = route(
  { auth: "tenant", permission: "members.manage", params },
  async ({ actor, params }) => {
    await removeMember(actor, params.id);
    return { id: params.id, deleted: true };
  },
);
