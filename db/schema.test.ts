import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import { getTableColumns, getTableName, is } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { env } from "@/lib/env";
import { closePools, POOL_SIZES } from "./index";
import snapshot from "./migrations/meta/_journal.json";
import * as appraisals from "./schema/appraisals";
import * as billing from "./schema/billing";
import * as labelling from "./schema/labelling";
import * as margin from "./schema/margin";
import * as people from "./schema/people";
import * as projects from "./schema/projects";
import * as seller from "./schema/seller";
import * as serving from "./schema/serving";
import * as usage from "./schema/usage";
import * as webhooks from "./schema/webhooks";
import * as work from "./schema/work";

const schema = {
  ...people,
  ...work,
  ...appraisals,
  ...labelling,
  ...margin,
  ...usage,
  ...seller,
  ...billing,
  ...projects,
  ...serving,
  ...webhooks,
};
const tables = Object.values(schema).filter((value) => is(value, PgTable));
/** Tables that belong to the platform and hold nothing of a tenant's. */
const PLATFORM = [
  "users",
  "user_tokens",
  "sessions",
  "staff",
  "inquiries",
  "mails",
  "settings",
  "workers",
  "tenants",
  "legal_entities",
  "number_series",
  "plans",
  "price_sheets",
  "rate_card",
  "serve_processes",
];
const ofTenants = tables.filter((table) => !PLATFORM.includes(getTableName(table)));

let owner: pg.Client;
let app: pg.Client;
beforeAll(async () => {
  owner = new pg.Client(env().directUrl);
  app = new pg.Client(env().DATABASE_URL);
  await Promise.all([owner.connect(), app.connect()]);
});
afterAll(async () => {
  await Promise.all([owner.end(), app.end(), closePools()]);
});

test("every table belongs to a tenant or is on the short list of the platform", () => {
  const without = tables.filter((table) => !("tenantId" in getTableColumns(table))).map(getTableName);
  expect(without.sort()).toEqual([...PLATFORM].sort());
});

test("every primary key, unique key and foreign key between tenants' tables begins with the tenant", () => {
  for (const table of ofTenants) {
    const { name, primaryKeys, indexes, foreignKeys, columns } = getTableConfig(table);
    expect(primaryKeys[0]?.columns[0]?.name, `primary key of ${name}`).toBe("tenant_id");
    expect(columns.filter((column) => column.primary || column.isUnique).map((c) => c.name)).toEqual([]);
    for (const { config } of indexes.filter((index) => index.config.unique))
      expect(config.columns[0], `${name}: ${config.name}`).toMatchObject({ name: "tenant_id" });
    for (const key of foreignKeys.map((one) => one.reference())) {
      const target = getTableName(key.foreignTable);
      if (!PLATFORM.includes(target)) expect(key.columns[0]?.name, `${name} -> ${target}`).toBe("tenant_id");
    }
  }
});

test("row-level security is forced on every table with a tenant, and on the tenants", async () => {
  const { rows } = await owner.query<{ relname: string }>(
    "select relname from pg_class where relrowsecurity and relforcerowsecurity and relnamespace = 'public'::regnamespace",
  );
  const expected = [...ofTenants.map(getTableName), "tenants"];
  expect(rows.map((row) => row.relname).sort()).toEqual(expected.sort());
});

test("without a tenant the app's role sees no row and writes none, whatever tables hold", async () => {
  for (const name of [...ofTenants.map(getTableName), "tenants"]) {
    const { rows } = await app.query(`select count(*)::int as n from ${name}`);
    expect(rows[0], name).toEqual({ n: 0 });
  }
  await expect(app.query("insert into tenants (id, slug, name) values ('ten_x', 'x', 'x')")).rejects.toThrow(
    /row-level security/,
  );
});

test("the app's role owns nothing, is no superuser and cannot bypass row-level security", async () => {
  const { rows } = await owner.query(
    `select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
      (select count(*)::int from pg_class c where c.relowner = r.oid) as owned,
      (select count(*)::int from pg_auth_members m where m.member = r.oid) as memberships
     from pg_roles r where rolname = 'graft_app'`,
  );
  expect(rows).toEqual([
    {
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      rolcreatedb: false,
      owned: 0,
      memberships: 0,
    },
  ]);
});

test("the named functions can be called by the app's role and by nobody else", async () => {
  const { rows } = await owner.query<{ proname: string }>(
    `select proname from pg_proc p where pronamespace = 'public'::regnamespace and prosecdef
       and (proacl is null or exists (select 1 from aclexplode(proacl) a where a.grantee = 0)
         or not has_function_privilege('graft_app', p.oid, 'execute') or proconfig is null)`,
  );
  expect(rows).toEqual([]);
});

test("the pools of all processes together stay under max_connections", async () => {
  const { rows } = await owner.query<{ max: number; reserved: number }>(
    `select current_setting('max_connections')::int as max,
      current_setting('superuser_reserved_connections')::int as reserved`,
  );
  const QUEUE_POOL = 8;
  const PROCESSES = ["web", "serve", "worker"];
  const sum = PROCESSES.length * (POOL_SIZES.app + QUEUE_POOL);
  // A server that tests start may allow more than PostgreSQL's default of 100, which customers run with.
  expect(sum).toBeLessThan(Math.min(Number(rows[0]?.max), 100) - Number(rows[0]?.reserved));
});

test("the committed migrations make exactly the schema of the code", async () => {
  const last = snapshot.entries.at(-1);
  const path = `./migrations/meta/${String(last?.idx).padStart(4, "0")}_snapshot.json`;
  const before = (await import(path)) as { default: Parameters<typeof generateMigration>[0] };
  const now = generateDrizzleJson(schema, before.default.id);
  expect(await generateMigration(before.default, now)).toEqual([]);
});
