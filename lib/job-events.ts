import { and, asc, desc, eq, gt, lt, type SQL } from "drizzle-orm";
import { jobEvents } from "@/db/schema/work";
import { forTenant, type Paged, type TenantTx } from "@/db/tenant";
import { fail } from "./errors";
import { createId } from "./id";
import { publishWakeup } from "./queue";
import { unix } from "./unix";

/** What happened to a job, in order. The rows are the truth; a wake-up only says "look again". */
export type JobEvent = typeof jobEvents.$inferSelect;
export interface NewEvent {
  level?: "info" | "warn" | "error";
  type?: "message" | "metrics";
  message: string;
  data?: Record<string, unknown> | undefined;
}

/**
 * Add events only after the job's row was locked in the same transaction: then sequence numbers of one job
 * become visible in order, and a reader that resumes after a number misses none.
 */
export async function addEvents(tx: TenantTx, jobId: string, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx.insert(
    jobEvents,
    events.map((event) => ({
      id: createId("event"),
      jobId,
      level: event.level ?? "info",
      type: event.type ?? "message",
      message: event.message,
      data: event.data ?? null,
    })),
  );
}

export const topicOf = (jobId: string) => `job.${jobId}`;
export const wakeReaders = (jobId: string) => publishWakeup(topicOf(jobId));

/** Newest first. */
export async function listEvents(
  tenantId: string,
  jobId: string,
  page: { after?: string | undefined; limit: number },
): Promise<Paged<JobEvent>> {
  return forTenant(tenantId, async (tx) => {
    const own = eq(jobEvents.jobId, jobId);
    let where: SQL | undefined = own;
    if (page.after) {
      const last = await tx.one(jobEvents, and(own, eq(jobEvents.id, page.after)) as SQL);
      where = and(own, lt(jobEvents.seq, last?.seq ?? fail("not_found", undefined, "after")));
    }
    return tx.page(jobEvents, where, { orderBy: desc(jobEvents.seq), limit: page.limit });
  });
}

/** Oldest first, after a sequence number: what a live reader has not seen. */
export async function eventsAfter(tenantId: string, jobId: string, seq: number): Promise<JobEvent[]> {
  const where = and(eq(jobEvents.jobId, jobId), gt(jobEvents.seq, seq));
  return forTenant(tenantId, (tx) =>
    tx.select(jobEvents, where, { orderBy: asc(jobEvents.seq), limit: 500 }),
  );
}

export function eventToWire(event: JobEvent) {
  return {
    object: "fine_tuning.job.event" as const,
    id: event.id,
    created_at: unix(event.createdAt),
    level: event.level,
    message: event.message,
    type: event.type,
    data: event.data,
  };
}
