import { reportToWire } from "@/lib/model-report";
import { getModel } from "@/lib/models";
import { route } from "@/lib/route";
import { modelParams } from "../../schema";

export const GET = route(
  { auth: "tenant", permission: "models.read", params: modelParams },
  async ({ actor, params }) => {
    const model = await getModel(actor.tenantId, params.model);
    const report = reportToWire(model, actor.permissions.has("files.read"));
    return new Response(JSON.stringify(report), {
      headers: {
        "content-type": "application/json",
        "content-disposition": `attachment; filename="model-report-${model.id}.json"`,
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
      },
    });
  },
);
