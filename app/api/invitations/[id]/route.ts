import { z } from "zod";
import { withdrawInvitation } from "@/lib/invitations";
import { route } from "@/lib/route";
import { idField } from "@/lib/users";

export const DELETE = route(
  { auth: "tenant", permission: "members.manage", params: z.object({ id: idField }) },
  async ({ actor, params }) => {
    await withdrawInvitation(actor, params.id);
    return { id: params.id, deleted: true };
  },
);
