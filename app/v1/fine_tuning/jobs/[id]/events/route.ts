import { eventToWire, listEvents } from "@/lib/job-events";
import { getJob } from "@/lib/jobs";
import { route } from "@/lib/route";
import { eventsQuery, jobParams } from "../../schema";

export const GET = route(
  { auth: "tenant", permission: "jobs.read", params: jobParams, query: eventsQuery },
  async ({ actor, params, query }) => {
    const job = await getJob(actor.tenantId, params.id);
    const { data, hasMore } = await listEvents(actor.tenantId, job.id, query);
    return { object: "list", data: data.map(eventToWire), has_more: hasMore };
  },
);
