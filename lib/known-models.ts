import { and, getTableColumns, inArray, type SQL, sql } from "drizzle-orm";
import { models } from "@/db/schema/work";
import { modelRow, modelVersions } from "@/db/system";
import type { TenantTx } from "@/db/tenant";
import type { Model } from "./models";

/**
 * Rows of models for those who ask for them on every call. Most of a row is its report, up to some hundred kilobytes, so
 * what was read last is kept; whether it is still so is asked each time, by the number of the transaction that wrote it
 * (xmin). A change counts at once, and a row is read again only then.
 */
interface Known {
  version: string;
  bytes: number;
  row: Model;
}
/** As stored, which is compressed; in memory they take a few times as much. */
const MOST_BYTES = 32_000_000;

/** Least recently asked first. */
const known = new Map<string, Known>();
let held = 0;

function drop(key: string): void {
  held -= known.get(key)?.bytes ?? 0;
  known.delete(key);
}

function keep(key: string, one: Known): void {
  drop(key);
  known.set(key, one);
  held += one.bytes;
  for (const oldest of known.keys()) {
    if (held <= MOST_BYTES || oldest === key) break;
    drop(oldest);
  }
}

function recall(key: string): Known | undefined {
  const one = known.get(key);
  if (one) {
    known.delete(key);
    known.set(key, one);
  }
  return one;
}

type Head = { id: string; version: string; bytes: number };

/** The rows of these heads; those that changed are read by `readRows`. */
async function rowsOf(
  tenantId: string,
  heads: readonly Head[],
  readRows: (ids: readonly string[]) => Promise<Model[]>,
): Promise<Model[]> {
  const found = new Map<string, Model>();
  const changed = new Map<string, Head>();
  for (const head of heads) {
    const one = recall(`${tenantId}/${head.id}`);
    if (one?.version === head.version) found.set(head.id, one.row);
    else changed.set(head.id, head);
  }
  // One that changes between the two looks is kept under its old version, and read once more at the next call.
  const rows = changed.size > 0 ? await readRows([...changed.keys()]) : [];
  for (const row of rows) {
    const head = changed.get(row.id);
    if (head) keep(`${tenantId}/${row.id}`, { version: head.version, bytes: head.bytes, row });
    found.set(row.id, row);
  }
  return heads.flatMap(({ id }) => found.get(id) ?? []);
}

/** Models of this tenant. They are shared: read them, change nothing in them. */
export async function readModels(tx: TenantTx, where: SQL): Promise<Model[]> {
  const { tenantId } = tx;
  const heads = await tx.query<Head>(sql`
    select id, xmin::text as version, pg_column_size(report) as bytes
    from models where tenant_id = ${tenantId} and ${where}`);
  return rowsOf(tenantId, heads, (ids) => tx.select(models, and(where, inArray(models.id, [...ids]))));
}

/** The same for one of them, by id or name in one of these states: one statement where nothing changed. */
export async function findModel(
  tenantId: string,
  idOrName: string,
  states: readonly Model["state"][],
): Promise<Model | undefined> {
  const heads = await modelVersions(tenantId, idOrName);
  const isWanted = ({ state }: { state: string }) => (states as readonly string[]).includes(state);
  const rows = await rowsOf(tenantId, heads.filter(isWanted), async (ids) => {
    const found = await Promise.all(ids.map((id) => modelRow(tenantId, id)));
    return found.flatMap((row) => (row ? [fromJson(row)] : []));
  });
  return rows.find(isWanted);
}

/** A row as drizzle would have read it. */
const fromJson = (row: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(getTableColumns(models)).map(([key, column]) => {
      const value = row[column.name] ?? null;
      return [key, value === null ? null : column.mapFromDriverValue(value)];
    }),
  ) as Model;
