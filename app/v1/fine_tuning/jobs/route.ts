import { fail } from "@/lib/errors";
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

/** A structured-field string is quoted, most clients send it bare: both are the same key. */
function idempotencyKeyOf(request: Request): string | undefined {
  const key = request.headers
    .get("idempotency-key")
    ?.trim()
    .replace(/^"(.*)"$/, "$1");
  if (key === undefined) return undefined;
  if (key.length < 1 || key.length > 255)
    fail("invalid_request", "`Idempotency-Key` must have 1 to 255 characters.", "Idempotency-Key");
  return key;
}

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
