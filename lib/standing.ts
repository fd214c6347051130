import { sql } from "drizzle-orm";
import type { TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { holdWaiting, releaseWaiting } from "./late-trainings";

/** Where a customer stands who has not paid: first no new training, then no calls; with the payment everything at once. */

/** Invoices at this step of dunning, or a later one, hold the customer back. */
export const HELD_FROM_STEP = 3;

export async function pauseTrainings(tx: TenantTx): Promise<void> {
  const change = sql`set state = 'past_due' where id = ${tx.tenantId} and state = 'active'`;
  if (await move(tx, change, "tenant.past_due")) await holdWaiting(tx);
}

export const refuseCalls = (tx: TenantTx) =>
  move(
    tx,
    sql`set settings = settings || '{"callsRefused": true}' where id = ${tx.tenantId}`,
    "tenant.calls_refused",
  );

/** Everything goes on when no invoice holds the customer back any more. */
export async function restoreStanding(tx: TenantTx): Promise<void> {
  const change = sql`set state = 'active', settings = settings - 'callsRefused' where id = ${tx.tenantId}
    and state = 'past_due' and not exists (select 1 from invoices i where i.tenant_id = ${tx.tenantId}
      and i.state in ('issued', 'part_paid') and i.dunning_step >= ${HELD_FROM_STEP})`;
  if (await move(tx, change, "tenant.paid")) await releaseWaiting(tx);
}

async function move(tx: TenantTx, change: ReturnType<typeof sql>, action: string): Promise<boolean> {
  const moved = await tx.query(sql`update tenants ${change} returning 1`);
  if (moved.length > 0) await writeAudit(tx, "system", action, tx.tenantId);
  return moved.length > 0;
}
