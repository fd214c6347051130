import { checkpointToWire, listCheckpoints } from "@/lib/job-checkpoints";
import { getJob } from "@/lib/jobs";
import { route } from "@/lib/route";
import { checkpointsQuery, jobParams } from "../../schema";

export const GET = route(
  { auth: "tenant", permission: "jobs.read", params: jobParams, query: checkpointsQuery },
  async ({ actor, params, query }) => {
    const job = await getJob(actor.tenantId, params.id);
    const page = await listCheckpoints(actor.tenantId, job.id, query);
    const data = page.data.map(checkpointToWire);
    return {
      object: "list",
      data,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: page.hasMore,
    };
  },
);
