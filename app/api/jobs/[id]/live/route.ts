import { z } from "zod";
import { liveJob } from "@/lib/job-live";
import { route } from "@/lib/route";

const params = z.object({ id: z.string().min(1).max(100) });

export const GET = route(
  { auth: "tenant", permission: "jobs.read", params },
  async ({ actor, params, request }) => liveJob(actor, params.id, request),
);
