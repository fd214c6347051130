import { sql } from "drizzle-orm";
import { webhookDeliveries, webhookEndpoints, webhookEvents } from "@/db/schema/webhooks";
import type { TenantTx } from "@/db/tenant";
import { createId } from "./id";
import { unix } from "./unix";
import type { EventType } from "./webhook-types";

/** Sent when somebody asks for it. */
export const TEST_EVENT = "webhook.test";

/**
 * Notes in the transaction of what happened that it did, with a delivery for each endpoint that wants to know; the worker
 * delivers what was committed.
 */
export async function emitEvent(tx: TenantTx, type: EventType, data: Record<string, string>): Promise<void> {
  const wanting = await tx.select(
    webhookEndpoints,
    sql`state = 'enabled' and (cardinality(events) = 0 or ${type} = any (events))`,
  );
  if (wanting.length === 0) return;
  await addEvent(
    tx,
    wanting.map(({ id }) => id),
    type,
    data,
  );
}

export async function addEvent(
  tx: TenantTx,
  endpointIds: readonly string[],
  type: EventType | typeof TEST_EVENT,
  data: Record<string, string>,
): Promise<void> {
  const eventId = createId("webhookEvent");
  await tx.insert(webhookEvents, { id: eventId, type, data });
  await tx.insert(
    webhookDeliveries,
    endpointIds.map((endpointId) => ({ id: createId("webhookDelivery"), endpointId, eventId })),
  );
}

/** Thin, and in the shapes of both OpenAI's events and Standard Webhooks'. */
export const eventBody = ({ id, type, data, createdAt }: typeof webhookEvents.$inferSelect): string =>
  JSON.stringify({
    ...{ id, object: "event", type, data },
    created_at: unix(createdAt),
    timestamp: createdAt.toISOString(),
  });
