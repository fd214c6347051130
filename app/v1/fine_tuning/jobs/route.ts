import { idempotencyKeyOf } from "@/lib/idempotency";
import { jobBodySchema } from "@/lib/job-body";
import { createJob, listJobs, wireJob, wireJobs } from "@/lib/jobs";
import { route } from "@/lib/route";
import { jobsQuery } from "./schema";

export const GET = route(
  { auth: "tenant", permission: "jobs.read", query: jobsQuery },
  async ({ actor, query }) => {
    const { data, hasMore } = await listJobs(actor.tenantId, query);
    return {
      object: "list",
      data: await wireJobs(actor, data),
      has_more: hasMore,
    };
  },
);

export const POST = route(
  { auth: "tenant", permission: "jobs.write", body: jobBodySchema },
  async ({ actor, body, request }) => {
    const isRetry = Number(request.headers.get("x-stainless-retry-count") ?? 0) > 0;
    const { job, isReplay } = await createJob(actor, body, {
      isRetry,
      idempotencyKey: idempotencyKeyOf(request),
    });
    return new Response(JSON.stringify(await wireJob(actor, job)), {
      headers: { "content-type": "application/json", ...(isReplay ? { "idempotent-replayed": "true" } : {}) },
    });
  },
);
