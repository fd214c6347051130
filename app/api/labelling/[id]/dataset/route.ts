import { z } from "zod";
import { createLabelledDataset } from "@/lib/labelling-results";
import { route } from "@/lib/route";

const params = z.object({ id: z.string().min(1).max(100) });
/** `machine_from`: the least confidence of model labels that are accepted too; without it there are none. */
const body = z.object({ machine_from: z.number().min(0).max(1).nullable().default(null) });

export const POST = route(
  { auth: "tenant", permission: "files.write", params, body },
  async ({ actor, params, body }) => {
    const version = await createLabelledDataset(actor, params.id, body.machine_from);
    return { id: version.id, dataset_id: version.datasetId, status: version.status };
  },
);
