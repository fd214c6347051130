import { z } from "zod";
import { route } from "@/lib/route";
import { downloadRows } from "@/lib/version-rows";

const params = z.object({ id: z.string().min(1).max(100) });

/** The frozen rows, each corrected label with the one that the file has. */
export const GET = route({ auth: "tenant", permission: "files.read", params }, ({ actor, params }) =>
  downloadRows(actor.tenantId, params.id),
);
