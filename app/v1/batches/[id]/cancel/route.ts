import { batchToWire, cancelBatch } from "@/lib/batches";
import { route } from "@/lib/route";
import { batchParams } from "../../schema";

export const POST = route(
  { auth: "tenant", permission: "predictions.create", params: batchParams },
  async ({ actor, params }) => batchToWire(await cancelBatch(actor, params.id)),
);
