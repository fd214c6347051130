import pg from "pg";
import { env } from "@/lib/env";

/** The embedded broker, BullMQ on PostgreSQL, forgets all that it was told. */
export async function dropMessages(): Promise<void> {
  const client = new pg.Client(env().directUrl);
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'bullmq' and table_name not like '%migration%'",
  );
  for (const { name } of rows) await client.query(`delete from bullmq.${client.escapeIdentifier(name)}`);
  await client.end();
}
