import { eq, sql } from "drizzle-orm";
import { serveProcesses } from "@/db/schema/serving";
import { forPlatform } from "@/db/tenant";
import { createId } from "./id";

/** A serving process says that it lives, so that the others divide by it what may run at the same time. */
export function createServePresence() {
  const id = createId("worker");
  return {
    renew: async (): Promise<void> => {
      const target = serveProcesses.id;
      await forPlatform((tx) =>
        tx
          .insert(serveProcesses)
          .values({ id })
          .onConflictDoUpdate({ target, set: { seenAt: sql`now()` } }),
      );
    },
    end: async (): Promise<void> => {
      await forPlatform((tx) => tx.delete(serveProcesses).where(eq(serveProcesses.id, id)));
    },
  };
}
