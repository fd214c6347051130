import { fileURLToPath } from "node:url";
import { runMigrations } from "bullmq";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { SYSTEM_FUNCTIONS } from "./system";

/**
 * Brings a database to the present schema: generated migrations, then the rules that follow from the tables
 * themselves (row-level security, grants, the named functions), which are the same for every table and so
 * are derived here instead of being repeated in each migration. Safe to run again and at the same time.
 */
export async function migrate(directUrl: string, appPassword?: string): Promise<void> {
  const client = new pg.Client({ connectionString: directUrl });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock(hashtext('graft.migrate'))");
    await ensureAppRole(client, appPassword);
    await applyMigrations(drizzle(client), {
      migrationsFolder: fileURLToPath(new URL("migrations", import.meta.url)),
    });
    await client.query("create schema if not exists bullmq");
    await client.query("set search_path = bullmq");
    await runMigrations(client as never, "bullmq");
    await client.query("set search_path = public");
    await secureTables(client);
    for (const [name, definition] of Object.entries(SYSTEM_FUNCTIONS))
      await secureFunction(client, name, definition);
  } finally {
    await client.end();
  }
}

async function ensureAppRole(client: pg.Client, password: string | undefined): Promise<void> {
  const { rows } = await client.query("select 1 from pg_roles where rolname = 'graft_app'");
  if (rows.length > 0) return;
  const login = password ? `login password ${client.escapeLiteral(password)}` : "nologin";
  await client.query(`create role graft_app ${login}`);
  // With one URL for everything, transactions `set local role graft_app`, which needs membership.
  await client.query("grant graft_app to current_user");
}

async function secureTables(client: pg.Client): Promise<void> {
  await client.query("grant usage on schema public to graft_app");
  await client.query("grant select, insert, update, delete on all tables in schema public to graft_app");
  await client.query("grant usage on all sequences in schema public to graft_app");
  const { rows } = await client.query<{ table_name: string; key: string }>(
    `select t.table_name, case when t.table_name = 'tenants' then 'id' else 'tenant_id' end as key
     from information_schema.tables t where t.table_schema = 'public' and (t.table_name = 'tenants' or exists
       (select 1 from information_schema.columns c where c.table_schema = 'public'
          and c.table_name = t.table_name and c.column_name = 'tenant_id'))`,
  );
  for (const { table_name, key } of rows) {
    const table = client.escapeIdentifier(table_name);
    const mine = `${key} = current_setting('app.tenant_id', true)`;
    await client.query(
      `alter table ${table} enable row level security; alter table ${table} force row level security`,
    );
    await client.query(
      `drop policy if exists own_tenant on ${table}; drop policy if exists owner_all on ${table}`,
    );
    await client.query(
      `create policy own_tenant on ${table} to graft_app using (${mine}) with check (${mine})`,
    );
    // The owner runs the named functions; forced row-level security would blind it too.
    await client.query(`create policy owner_all on ${table} to current_user using (true) with check (true)`);
  }
}

async function secureFunction(client: pg.Client, name: string, definition: string): Promise<void> {
  // `create or replace` cannot change a result type.
  const { rows } = await client.query<{ id: string }>(
    "select oid::regprocedure::text as id from pg_proc where proname = $1 and pronamespace = 'public'::regnamespace",
    [name],
  );
  for (const { id } of rows) await client.query(`drop function ${id}`);
  await client.query(definition);
  const made = await client.query<{ id: string }>(
    "select oid::regprocedure::text as id from pg_proc where proname = $1",
    [name],
  );
  for (const { id } of made.rows) {
    await client.query(
      `revoke all on function ${id} from public; grant execute on function ${id} to graft_app`,
    );
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const url = process.env.DATABASE_DIRECT_URL ?? process.env.DATABASE_URL;
  if (!url) throw new Error("set DATABASE_DIRECT_URL (or DATABASE_URL) to the database to migrate");
  await migrate(url, process.env.GRAFT_APP_PASSWORD);
}
