import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { env } from "@/lib/env";

/**
 * Two pools a process at most: `graft_app` for everything a request does, the owner for the queue's schema.
 * Sizes are summed over web, serve and worker by a test and stay under PostgreSQL's `max_connections`.
 */
export const POOL_SIZES = { app: 8 } as const;

let app: pg.Pool | undefined;

function createPool(connectionString: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max,
    connectionTimeoutMillis: 3000,
    idleTimeoutMillis: 30_000,
  });
  // An idle client whose server went away emits here; unheard it would end the process.
  pool.on("error", () => {});
  return pool;
}

export function appPool(): pg.Pool {
  app ??= createPool(env().DATABASE_URL, POOL_SIZES.app);
  return app;
}

export const database = () => drizzle(appPool());

/** With one URL for everything the transactions themselves step down to the role without rights. */
export function stepsDown(): boolean {
  return env().directUrl === env().DATABASE_URL;
}

export async function closePools(): Promise<void> {
  const open = app;
  app = undefined;
  await open?.end();
}
