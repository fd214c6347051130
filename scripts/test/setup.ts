import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { migrate } from "../../db/migrate";
import { freePort } from "../start/home.mjs";
import { ensureDatabase, serverUrl, startPostgres } from "../start/postgres.mjs";
import { startRedis } from "./redis.mjs";
import { startS3 } from "./s3.mjs";

declare module "vitest" {
  interface ProvidedContext {
    server: {
      port: number;
      adminUrl: string;
      password: string;
      home: string;
      redisUrl: string | null;
      s3Url: string | null;
    };
  }
}

/** A password that is the same for every role: the server lives as long as the tests and listens locally. */
const password = "test-only-password";

/**
 * One embedded PostgreSQL for all suites, with a migrated template; `database.ts` gives each test file a
 * database of its own made from it, so no suite sees another's rows or queues.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = mkdtempSync(join(tmpdir(), "graft-unit-"));
  chmodSync(home, 0o711);
  const port = await freePort();
  const postgres = await startPostgres({
    root: resolve("."),
    home,
    port,
    password,
    settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: 300 },
  });
  await ensureDatabase(postgres.adminUrl, {
    database: "graft_template",
    ownerPassword: password,
    appPassword: password,
  });
  await migrate(serverUrl("graft_owner", password, port, "graft_template"));
  const [redis, s3] = await Promise.all([startRedis(home), startS3()]);
  project.provide("server", {
    port,
    adminUrl: postgres.adminUrl,
    password,
    home,
    redisUrl: redis?.url ?? null,
    s3Url: s3?.url ?? null,
  });
  return async () => {
    await Promise.all([redis?.stop(), s3?.stop()]);
    await postgres.stop();
    rmSync(home, { recursive: true, force: true });
  };
}
