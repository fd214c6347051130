import { z } from "zod";
import { revokeKey } from "@/lib/keys";
import { route } from "@/lib/route";
import { idField } from "@/lib/users";

export const DELETE = route(
  { auth: "tenant", permission: "keys.manage", params: z.object({ id: idField }) },
  async ({ actor, params }) => {
    await revokeKey(actor, params.id);
    return { id: params.id, revoked: true };
  },
);
