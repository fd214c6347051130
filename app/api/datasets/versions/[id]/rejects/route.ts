import { z } from "zod";
import { getVersion } from "@/lib/datasets";
import { blobResponse } from "@/lib/download";
import { route } from "@/lib/route";
import { versionKey } from "@/lib/storage";

const params = z.object({ id: z.string().min(1).max(100) });

/** The rows that were set aside, each with its line and reason. */
export const GET = route({ auth: "tenant", permission: "files.read", params }, async ({ actor, params }) => {
  const version = await getVersion(actor.tenantId, params.id);
  const key = versionKey(actor.tenantId, version.id, "rejects.csv");
  return blobResponse(key, `rejects-${version.number}.csv`, { type: "text/csv; charset=utf-8" });
});
