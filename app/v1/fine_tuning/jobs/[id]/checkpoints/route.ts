import { getJob } from "@/lib/jobs";
import { route } from "@/lib/route";
import { jobParams } from "../../schema";

/** The recipes fit in one piece and leave no model half-way: an empty list is the truth. */
export const GET = route(
  { auth: "tenant", permission: "jobs.read", params: jobParams },
  async ({ actor, params }) => {
    await getJob(actor.tenantId, params.id);
    return { object: "list", data: [], first_id: null, last_id: null, has_more: false };
  },
);
