import { z } from "zod";
import { csvResponse } from "@/lib/download";
import { labelsCsv } from "@/lib/labelling-results";
import { route } from "@/lib/route";

const params = z.object({ id: z.string().min(1).max(100) });

export const GET = route({ auth: "tenant", permission: "files.read", params }, async ({ actor, params }) => {
  const { name, text } = await labelsCsv(actor.tenantId, params.id);
  return csvResponse(text, `${name}-labels.csv`);
});
