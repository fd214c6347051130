import { z } from "zod";
import { deleteLabelling, getLabelling, labellingToWire } from "@/lib/labelling";
import { route } from "@/lib/route";

const params = z.object({ id: z.string().min(1).max(100) });

export const GET = route({ auth: "tenant", permission: "files.read", params }, async ({ actor, params }) =>
  labellingToWire(await getLabelling(actor.tenantId, params.id)),
);

export const DELETE = route(
  { auth: "tenant", permission: "files.write", params },
  async ({ actor, params }) => {
    await deleteLabelling(actor, params.id);
    return { id: params.id, object: "labelling", deleted: true };
  },
);
