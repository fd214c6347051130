import { z } from "zod";
import { getVersion, versionToWire } from "@/lib/datasets";
import { route } from "@/lib/route";

const params = z.object({ id: z.string().min(1).max(100) });

export const GET = route({ auth: "tenant", permission: "files.read", params }, async ({ actor, params }) =>
  versionToWire(await getVersion(actor.tenantId, params.id)),
);
