import { randomBytes } from "node:crypto";
import { and, desc, eq, gte, inArray, lt, type SQL, sql } from "drizzle-orm";
import { webhookDeliveries, webhookEndpoints, webhookEvents } from "@/db/schema/webhooks";
import { forTenant, type Paged, type TenantTx } from "@/db/tenant";
import { actorId, writeAudit } from "./audit";
import { checkUrl, EgressError } from "./egress";
import { fail } from "./errors";
import { createId } from "./id";
import { open, seal } from "./sealed";
import type { Actor } from "./session";
import { unix } from "./unix";
import { addEvent, eventBody, TEST_EVENT } from "./webhook-events";
import type { EventType } from "./webhook-types";

/** Endpoints that customers are told at, and what was delivered to them. Sending is `webhook-delivery.ts`. */
export type WebhookEndpoint = typeof webhookEndpoints.$inferSelect;
export type WebhookDelivery = typeof webhookDeliveries.$inferSelect;

const MOST = 20;
const SECRET_BYTES = 24;
/** After a rotation the old secret signs beside the new one for so long. */
const OVERLAP_HOURS = 24;
const SEAL = "webhooks";

const newSecret = () => `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
/**
 * What signs now: the secret, and the one before while it still does. Without those that cannot be read, because the
 * installation's own secret is another one by now: none means that a new one has to be made.
 */
export const secretsOf = (
  { secret, previousSecret, previousUntil }: WebhookEndpoint,
  now = new Date(),
): string[] =>
  [secret, ...(previousSecret && previousUntil && previousUntil > now ? [previousSecret] : [])].flatMap(
    (sealed) => {
      try {
        return [open(SEAL, sealed)];
      } catch {
        return [];
      }
    },
  );

function assertUrl(url: string): void {
  try {
    checkUrl(url);
  } catch (error) {
    if (error instanceof EgressError) fail("invalid_request", `\`url\`: ${error.message}.`, "url");
    throw error;
  }
}

export interface EndpointInput {
  url: string;
  description?: string | undefined;
  /** Empty for all. */
  events?: EventType[] | undefined;
}

/** The secret exists only in this answer. */
export async function createEndpoint(
  actor: Actor,
  { url, description = "", events = [] }: EndpointInput,
): Promise<{ endpoint: WebhookEndpoint; secret: string }> {
  assertUrl(url);
  const secret = newSecret();
  const endpoint = await forTenant(actor.tenantId, async (tx) => {
    if ((await tx.select(webhookEndpoints)).length >= MOST)
      fail("state_conflict", `There are ${MOST} endpoints; delete one first.`);
    const [made] = await tx.insert(webhookEndpoints, {
      ...{ id: createId("webhook"), url, description, events, createdBy: actorId(actor) },
      secret: seal(SEAL, secret),
    });
    await writeAudit(tx, actor, "webhook.created", made?.id ?? "", { url });
    return made ?? fail("internal_error");
  });
  return { endpoint, secret };
}

export const listEndpoints = (tenantId: string): Promise<WebhookEndpoint[]> =>
  forTenant(tenantId, (tx) => tx.select(webhookEndpoints, undefined, { orderBy: desc(webhookEndpoints.id) }));

export const findEndpoint = async (tenantId: string, id: string): Promise<WebhookEndpoint> =>
  (await forTenant(tenantId, (tx) => tx.one(webhookEndpoints, eq(webhookEndpoints.id, id)))) ??
  fail("not_found");

/** Enabled again, it starts with what happens from then on; what failed is sent again when asked for. */
export async function changeEndpoint(
  actor: Actor,
  id: string,
  change: Partial<EndpointInput> & { enabled?: boolean | undefined },
): Promise<WebhookEndpoint> {
  const { enabled, ...values } = change;
  if (values.url !== undefined) assertUrl(values.url);
  const set = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const state =
    enabled === undefined
      ? {}
      : { state: enabled ? ("enabled" as const) : ("disabled" as const), disabledBecause: null };
  return forTenant(actor.tenantId, async (tx) => {
    const [changed] = await tx.update(webhookEndpoints, { ...set, ...state }, eq(webhookEndpoints.id, id));
    if (!changed) return fail("not_found");
    await writeAudit(tx, actor, "webhook.changed", id, change);
    return changed;
  });
}

export const deleteEndpoint = (actor: Actor, id: string): Promise<void> =>
  forTenant(actor.tenantId, async (tx) => {
    const [gone] = await tx.remove(webhookEndpoints, eq(webhookEndpoints.id, id));
    if (!gone) fail("not_found");
    await writeAudit(tx, actor, "webhook.deleted", id);
  });

/** A new secret, once; both sign until whoever listens has had a day to change. */
export async function rotateSecret(
  actor: Actor,
  id: string,
): Promise<{ secret: string; previousUntil: Date }> {
  const secret = newSecret();
  const previousUntil = new Date(Date.now() + OVERLAP_HOURS * 3_600_000);
  await forTenant(actor.tenantId, async (tx) => {
    const [changed] = await tx.update(
      webhookEndpoints,
      { previousSecret: sql`secret` as never, previousUntil, secret: seal(SEAL, secret) },
      eq(webhookEndpoints.id, id),
    );
    if (!changed) fail("not_found");
    await writeAudit(tx, actor, "webhook.rotated", id);
  });
  return { secret, previousUntil };
}

/** The endpoint, to send to: one that is off is not sent to. */
async function enabledEndpoint(tx: TenantTx, id: string): Promise<WebhookEndpoint> {
  const endpoint = (await tx.one(webhookEndpoints, eq(webhookEndpoints.id, id))) ?? fail("not_found");
  if (endpoint.state === "disabled") fail("state_conflict", "The endpoint is disabled; enable it first.");
  return endpoint;
}

export const sendTest = (actor: Actor, id: string): Promise<void> =>
  forTenant(actor.tenantId, async (tx) => {
    await enabledEndpoint(tx, id);
    await addEvent(tx, [id], TEST_EVENT, { id });
  });

export interface ListedDelivery extends WebhookDelivery {
  type: string;
  /** As it is sent. */
  body: string;
}

interface Page {
  after?: string | undefined;
  limit: number;
  state?: WebhookDelivery["state"] | undefined;
}

/** Newest first. */
export const listDeliveries = (
  tenantId: string,
  endpointId: string,
  { after, limit, state }: Page,
): Promise<Paged<ListedDelivery>> =>
  forTenant(tenantId, async (tx) => {
    const where = and(
      eq(webhookDeliveries.endpointId, endpointId),
      after === undefined ? undefined : lt(webhookDeliveries.id, after),
      state && eq(webhookDeliveries.state, state),
    );
    const { data: shown, hasMore } = await tx.page(webhookDeliveries, where, {
      orderBy: desc(webhookDeliveries.id),
      limit,
    });
    const ids = shown.map(({ eventId }) => eventId);
    const events = ids.length > 0 ? await tx.select(webhookEvents, inArray(webhookEvents.id, ids)) : [];
    const byId = new Map(events.map((event) => [event.id, event]));
    const data = shown.flatMap((delivery) => {
      const event = byId.get(delivery.eventId);
      return event ? [{ ...delivery, type: event.type, body: eventBody(event) }] : [];
    });
    return { data, hasMore };
  });

/**
 * Sends again, from the beginning of the schedule: one delivery, or all that failed, of events from an instant on or of
 * any. Its id stays, to be told apart by.
 */
export const replay = (
  actor: Actor,
  endpointId: string,
  { delivery, since }: { delivery?: string | undefined; since?: Date | undefined } = {},
): Promise<number> =>
  forTenant(actor.tenantId, async (tx) => {
    await enabledEndpoint(tx, endpointId);
    const which =
      delivery === undefined
        ? and(eq(webhookDeliveries.state, "failed"), since && gte(webhookDeliveries.createdAt, since))
        : eq(webhookDeliveries.id, delivery);
    const again = await tx.update(
      webhookDeliveries,
      { state: "pending", tries: 0, nextAt: new Date() },
      and(eq(webhookDeliveries.endpointId, endpointId), which) as SQL,
    );
    if (again.length === 0 && delivery !== undefined) fail("not_found");
    await writeAudit(tx, actor, "webhook.replayed", endpointId, { deliveries: again.length });
    return again.length;
  });

export const endpointToWire = ({
  id,
  url,
  description,
  events,
  state,
  disabledBecause,
  createdAt,
}: WebhookEndpoint) => ({
  ...{ id, object: "webhook_endpoint" as const, created: unix(createdAt), url, description, events },
  ...{ enabled: state === "enabled", disabled_because: disabledBecause },
});
export const deliveryToWire = ({
  id,
  type,
  eventId,
  state,
  attempts,
  nextAt,
  createdAt,
  body,
}: ListedDelivery) => ({
  ...{
    id,
    object: "webhook_delivery" as const,
    created: unix(createdAt),
    event: eventId,
    type,
    state,
    attempts,
  },
  next_attempt_at: state === "pending" ? unix(nextAt) : null,
  body,
});
