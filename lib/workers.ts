import { hostname } from "node:os";
import { desc, eq, gt, lt, sql } from "drizzle-orm";
import { workers } from "@/db/schema/people";
import { forPlatform } from "@/db/tenant";
import type { Backend } from "./ml/contract";

/** The worker processes of an installation, for the operator. A worker says that it lives far more often. */
const SILENT = sql`now() - interval '2 minutes'`;

/** Writes that a worker lives, and what its trainings compute with. */
export async function noteWorker(id: string, backend: Backend | null): Promise<void> {
  await forPlatform(async (tx) => {
    await tx
      .insert(workers)
      .values({ id, host: hostname(), backend })
      .onConflictDoUpdate({ target: workers.id, set: { backend, seenAt: sql`now()` } });
    await tx.delete(workers).where(lt(workers.seenAt, SILENT));
  });
}

export async function removeWorker(id: string): Promise<void> {
  await forPlatform((tx) => tx.delete(workers).where(eq(workers.id, id)));
}

/** Those that live, newest first. */
export const listWorkers = () =>
  forPlatform((tx) =>
    tx.select().from(workers).where(gt(workers.seenAt, SILENT)).orderBy(desc(workers.startedAt)),
  );
