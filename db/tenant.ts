import { AsyncLocalStorage } from "node:async_hooks";
import { and, eq, type InferInsertModel, type InferSelectModel, type SQL, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import { database, stepsDown } from "./index";

type TenantTable = PgTable & { tenantId: PgColumn };
export type Transaction = Parameters<Parameters<NodePgDatabase["transaction"]>[0]>[0];
export interface Paged<R> {
  data: R[];
  /** Whether more come after them. */
  hasMore: boolean;
}
type Values<T extends TenantTable> = Omit<InferInsertModel<T>, "tenantId">;

/**
 * One tenant's rows and nothing else. The predicate on select, update and delete, and the value on insert,
 * are added here; row-level security holds the same line a second time, in the database.
 */
export interface TenantTx {
  tenantId: string;
  select<T extends TenantTable>(
    table: T,
    where?: SQL,
    page?: { orderBy?: SQL | SQL[]; limit?: number },
  ): Promise<InferSelectModel<T>[]>;
  /** As select: the first `limit` rows. */
  page<T extends TenantTable>(
    table: T,
    where: SQL | undefined,
    page: { orderBy: SQL | SQL[]; limit: number },
  ): Promise<Paged<InferSelectModel<T>>>;
  /** The first row, or undefined. */
  one<T extends TenantTable>(table: T, where: SQL): Promise<InferSelectModel<T> | undefined>;
  insert<T extends TenantTable>(table: T, values: Values<T> | Values<T>[]): Promise<InferSelectModel<T>[]>;
  /** As insert, but rows whose key exists are left as they are and not returned. */
  insertNew<T extends TenantTable>(table: T, values: Values<T> | Values<T>[]): Promise<InferSelectModel<T>[]>;
  update<T extends TenantTable>(
    table: T,
    set: Partial<Values<T>>,
    where: SQL,
  ): Promise<InferSelectModel<T>[]>;
  remove<T extends TenantTable>(table: T, where: SQL): Promise<InferSelectModel<T>[]>;
  /** Joins and sums; row-level security alone keeps the tenant here, so name `tenant_id` in every join. */
  query<R extends Record<string, unknown>>(query: SQL): Promise<R[]>;
}

const current = new AsyncLocalStorage<TenantTx>();

function scope(tx: Transaction, tenantId: string): TenantTx {
  const only = (table: TenantTable, where?: SQL) => and(eq(table.tenantId, tenantId), where);
  // drizzle cannot infer through a generic table; the public signatures above are what callers see.
  const rows = <T extends TenantTable>(result: unknown) => result as InferSelectModel<T>[];
  const own = (values: object | object[]) =>
    (Array.isArray(values) ? values : [values]).map((value) => ({ ...value, tenantId })) as never;
  const tenantTx: TenantTx = {
    tenantId,
    async select(table, where, page = {}) {
      let query = tx
        .select()
        .from(table as PgTable)
        .where(only(table, where))
        .$dynamic();
      if (page.orderBy)
        query = query.orderBy(...(Array.isArray(page.orderBy) ? page.orderBy : [page.orderBy]));
      if (page.limit !== undefined) query = query.limit(page.limit);
      return rows(await query);
    },
    async page(table, where, { orderBy, limit }) {
      const found = await tenantTx.select(table, where, { orderBy, limit: limit + 1 });
      return { data: found.slice(0, limit), hasMore: found.length > limit };
    },
    one: async (table, where) => (await tenantTx.select(table, where, { limit: 1 }))[0],
    insert: async (table, values) => rows(await tx.insert(table).values(own(values)).returning()),
    insertNew: async (table, values) =>
      rows(await tx.insert(table).values(own(values)).onConflictDoNothing().returning()),
    update: async (table, set, where) =>
      rows(
        await tx
          .update(table)
          .set(set as never)
          .where(only(table, where))
          .returning(),
      ),
    remove: async (table, where) => rows(await tx.delete(table).where(only(table, where)).returning()),
    async query<R extends Record<string, unknown>>(query: SQL) {
      return (await tx.execute(query)).rows as R[];
    },
  };
  return tenantTx;
}

/**
 * Runs `work` in one short transaction (SQL only: no network, no files) as one tenant. A nested call for the
 * same tenant joins the open transaction; for another tenant it throws.
 */
export async function forTenant<R>(tenantId: string, work: (tx: TenantTx) => Promise<R>): Promise<R> {
  const open = current.getStore();
  if (open) {
    if (open.tenantId !== tenantId) throw new Error("a transaction of another tenant is open");
    return work(open);
  }
  return database().transaction(async (tx) => {
    if (stepsDown()) await tx.execute(sql`set local role graft_app`);
    await tx.execute(sql`select set_config('app.tenant_id', ${tenantId}, true)`);
    const tenantTx = scope(tx, tenantId);
    return current.run(tenantTx, () => work(tenantTx));
  });
}

/** A transaction over the platform's own tables (people, sessions, mail): it sees no tenant's rows. */
export async function forPlatform<R>(work: (tx: Transaction) => Promise<R>): Promise<R> {
  return database().transaction(async (tx) => {
    if (stepsDown()) await tx.execute(sql`set local role graft_app`);
    return work(tx);
  });
}
