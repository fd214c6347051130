import { getJob, wireJob } from "@/lib/jobs";
import { route } from "@/lib/route";
import { jobParams } from "../schema";

export const GET = route(
  { auth: "tenant", permission: "jobs.read", params: jobParams },
  async ({ actor, params }) => wireJob(actor, await getJob(actor.tenantId, params.id)),
);
