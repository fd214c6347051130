import { and, inArray, type SQL, sql } from "drizzle-orm";
import { models } from "@/db/schema/work";
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

/** Models of this tenant. They are shared: read them, change nothing in them. */
export async function readModels(tx: TenantTx, where: SQL): Promise<Model[]> {
  const { tenantId } = tx;
  const heads = await tx.query<{ id: string; version: string; bytes: number }>(sql`
    select id, xmin::text as version, pg_column_size(report) as bytes
    from models where tenant_id = ${tenantId} and ${where}`);
  const found = new Map<string, Model>();
  const changed = new Map<string, Omit<Known, "row">>();
  for (const { id, version, bytes } of heads) {
    const one = recall(`${tenantId}/${id}`);
    if (one?.version === version) found.set(id, one.row);
    else changed.set(id, { version, bytes });
  }
  if (changed.size > 0) {
    // One that changes between the two looks is kept under its old version, and read once more at the next call.
    const rows = await tx.select(models, and(where, inArray(models.id, [...changed.keys()])));
    for (const row of rows) {
      const head = changed.get(row.id);
      if (head) keep(`${tenantId}/${row.id}`, { ...head, row });
      found.set(row.id, row);
    }
  }
  return heads.flatMap(({ id }) => found.get(id) ?? []);
}
