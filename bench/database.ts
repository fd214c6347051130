import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { migrate } from "../db/migrate";
import { freePort } from "../scripts/start/home.mjs";
import { ensureDatabase, serverUrl, startPostgres } from "../scripts/start/postgres.mjs";

/**
 * A PostgreSQL of its own for a bench, as the product starts it, with the environment set to it: what reads the
 * environment is imported afterwards.
 */
export async function openDatabase(name: string): Promise<{ home: string; close(): Promise<void> }> {
  const home = mkdtempSync(join(tmpdir(), `graft-${name}-`));
  chmodSync(home, 0o711);
  const [port, password] = [await freePort(), "bench-only-password"];
  const server = await startPostgres({ root: resolve("."), home, port, password });
  const passwords = { ownerPassword: password, appPassword: password };
  await ensureDatabase(server.adminUrl, { database: "graft", ...passwords });
  await migrate(serverUrl("graft_owner", password, port, "graft"));
  Object.assign(process.env, {
    DATABASE_URL: serverUrl("graft_app", password, port, "graft"),
    DATABASE_DIRECT_URL: serverUrl("graft_owner", password, port, "graft"),
    NEXTAUTH_SECRET: "a-secret-for-benches-alone-0123456789",
    GRAFT_HOME: home,
    LOG_LEVEL: "error",
  });
  return {
    home,
    async close() {
      await server.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
