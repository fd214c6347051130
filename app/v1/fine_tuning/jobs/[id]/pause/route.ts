import { pauseJob, wireJob } from "@/lib/jobs";
import { route } from "@/lib/route";
import { jobParams } from "../../schema";

export const POST = route(
  { auth: "tenant", permission: "jobs.write", params: jobParams },
  async ({ actor, params }) => wireJob(actor, await pauseJob(actor, params.id)),
);
