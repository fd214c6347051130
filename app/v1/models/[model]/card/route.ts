import { readModelCard } from "@/lib/model-card";
import { getModel } from "@/lib/models";
import { route } from "@/lib/route";
import { modelParams } from "../../schema";

export const GET = route(
  { auth: "tenant", permission: "models.read", params: modelParams },
  async ({ actor, params }) => {
    const model = await getModel(actor.tenantId, params.model);
    return new Response(await readModelCard(model), {
      headers: {
        "content-type": "text/markdown; charset=utf-8",
        "content-disposition": `attachment; filename="model-card-${model.id}.md"`,
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
      },
    });
  },
);
