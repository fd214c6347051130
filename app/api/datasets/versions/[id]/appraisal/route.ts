import { z } from "zod";
import { appraisalToWire, getAppraisal, requestAppraisal } from "@/lib/appraisals";
import { route } from "@/lib/route";

const params = z.object({ id: z.string().min(1).max(100) });

export const GET = route({ auth: "tenant", permission: "files.read", params }, async ({ actor, params }) =>
  appraisalToWire(await getAppraisal(actor.tenantId, params.id)),
);

/** Asks for it; a second time while it runs, or behind its end, is the same appraisal. */
export const POST = route({ auth: "tenant", permission: "files.write", params }, async ({ actor, params }) =>
  appraisalToWire(await requestAppraisal(actor.tenantId, params.id, actor)),
);
