import { z } from "zod";
import { datasetToWire, listDatasets, requestVersion } from "@/lib/datasets";
import { columnMapSchema, readingSchema } from "@/lib/ml/contract";
import { route } from "@/lib/route";

const body = z.object({
  file_id: z.string().min(1).max(100),
  columns: columnMapSchema,
  reading: readingSchema.partial().optional(),
  task: z.string().max(60).optional(),
  name: z.string().trim().min(1).max(120).optional(),
});

export const GET = route({ auth: "tenant", permission: "files.read" }, async ({ actor }) => ({
  object: "list",
  data: (await listDatasets(actor.tenantId)).map(datasetToWire),
  has_more: false,
}));

export const POST = route(
  { auth: "tenant", permission: "files.write", body },
  async ({ actor, body: { file_id, ...order } }) => {
    const version = await requestVersion(actor.tenantId, { ...order, fileId: file_id });
    return { id: version.id, dataset_id: version.datasetId, status: version.status };
  },
);
