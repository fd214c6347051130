import { batchToWire, getBatch } from "@/lib/batches";
import { route } from "@/lib/route";
import { batchParams } from "../schema";

export const GET = route(
  { auth: "tenant", permission: "files.read", params: batchParams },
  async ({ actor, params }) => batchToWire(await getBatch(actor.tenantId, params.id)),
);
