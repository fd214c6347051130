import { z } from "zod";
import { batchBody, batchToWire, createBatch, listBatches } from "@/lib/batches";
import { route } from "@/lib/route";

export const GET = route(
  {
    auth: "tenant",
    permission: "files.read",
    query: z.object({
      after: z.string().max(100).optional(),
      limit: z.coerce.number().int().min(1).max(100).default(20),
    }),
  },
  async ({ actor, query }) => {
    const { data, hasMore } = await listBatches(actor.tenantId, query);
    return {
      object: "list",
      data: data.map(batchToWire),
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: hasMore,
    };
  },
);

export const POST = route(
  { auth: "tenant", permission: "predictions.create", body: batchBody, isIdempotent: true },
  async ({ actor, body }) => batchToWire(await createBatch(actor, body)),
);
