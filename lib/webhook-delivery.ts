import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { and, eq, sql } from "drizzle-orm";
import { Webhook } from "standardwebhooks";
import { type Attempt, webhookDeliveries, webhookEndpoints, webhookEvents } from "@/db/schema/webhooks";
import { claimDeliveries } from "@/db/system";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { findProfile } from "./billing-profiles";
import { EgressError, post, type Resolve } from "./egress";
import { log } from "./log";
import { writeMail } from "./mails";
import { emailsOf } from "./members";
import { unix } from "./unix";
import { eventBody } from "./webhook-events";
import { secretsOf, type WebhookEndpoint } from "./webhooks";

/**
 * The worker's part: what is due is claimed in the database for a while and posted, signed as Standard Webhooks 1.0.0 has
 * it. At least once: a worker that dies in between leaves it claimed, and another sends it when the claim has ended.
 */
const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000];
/** Waits before each try; the specification's own. */
export const SCHEDULE = [
  ...[0, 5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR],
] as const;
const JITTER_PERCENT = 10;
const TIMEOUT_MS = 15_000;
/** Longer than a try may take. */
export const CLAIM_SECONDS = 60;
/**
 * What one worker sends at the same time, of it to one customer, and to one endpoint. Whoever does not answer keeps a place
 * for as long as a try may take, so nobody has many.
 */
const AT_ONCE = 64;
const TENANT_AT_ONCE = 8;
export const ENDPOINT_AT_ONCE = 4;
/** While some are on their way, what became due is looked for so often. */
const LOOK_MS = 1000;
const KEPT_ATTEMPTS = 30;
/** Status codes that ask to be asked later, and the longest that is granted. */
const SLOWING = [429, 502, 504];
const MOST_RETRY_AFTER_MS = HOUR;

type Delivery = typeof webhookDeliveries.$inferSelect;

interface Options {
  /** What is on its way then is handed back. */
  stop?: AbortSignal;
  resolve?: Resolve;
  /** How more is looked for. */
  claim?: typeof claimDeliveries;
}

/** Sends what is due and becomes due meanwhile; false when nothing was. One that is done makes room for the next. */
export async function deliverDue(options: Options = {}): Promise<boolean> {
  const { claim = claimDeliveries } = options;
  const flying = new Map<string, { to: string[]; landed: Promise<void> }>();
  let isAny = false;
  try {
    while (!options.stop?.aborted) {
      const before = flying.size;
      const due = await claim({
        most: AT_ONCE - flying.size,
        perTenant: TENANT_AT_ONCE,
        perEndpoint: ENDPOINT_AT_ONCE,
        holdSeconds: CLAIM_SECONDS,
        flying: [...flying.values()].flatMap(({ to }) => to),
      });
      for (const { tenant_id: tenantId, id, endpoint_id: endpointId } of due) {
        isAny = true;
        const landed = deliver(tenantId, id, options)
          .catch((error: Error) =>
            log().warn(
              { tenantId, delivery: id, error: error.message },
              "sent again when its claim has ended",
            ),
          )
          .finally(() => flying.delete(id));
        flying.set(id, { to: [tenantId, endpointId], landed });
      }
      // What has landed while it looked held places that others are due for: it looks once more.
      if (flying.size > 0)
        await Promise.race([...[...flying.values()].map(({ landed }) => landed), pause(LOOK_MS)]);
      else if (before === 0) break;
    }
  } finally {
    await Promise.all([...flying.values()].map(({ landed }) => landed));
  }
  return isAny;
}

async function deliver(tenantId: string, id: string, options: Options): Promise<void> {
  const found = await forTenant(tenantId, async (tx) => {
    const delivery = await tx.one(webhookDeliveries, eq(webhookDeliveries.id, id));
    const event = delivery && (await tx.one(webhookEvents, eq(webhookEvents.id, delivery.eventId)));
    const endpoint =
      delivery && (await tx.one(webhookEndpoints, eq(webhookEndpoints.id, delivery.endpointId)));
    return delivery && event && endpoint ? { delivery, event, endpoint } : null;
  });
  if (!found) return;
  const { delivery, event, endpoint } = found;
  if (endpoint.state === "disabled") return settle(tenantId, delivery, { state: "failed" });
  const started = performance.now();
  const outcome = await attempt(endpoint, event, options);
  // Whether it arrived is not known: it is sent again, as after a kill, but without waiting for the claim to end.
  if (!outcome) return settle(tenantId, delivery, { nextAt: new Date() });
  const done: Attempt = {
    ...{ at: new Date().toISOString(), status: outcome.status, error: outcome.error },
    ms: Math.round(performance.now() - started),
  };
  const tries = delivery.tries + 1;
  const attempts = [...delivery.attempts, done].slice(-KEPT_ATTEMPTS);
  if (outcome.isDelivered) return settle(tenantId, delivery, { state: "delivered", tries, attempts });
  if (outcome.status === 410) {
    await settle(tenantId, delivery, { state: "failed", tries, attempts });
    return disable(tenantId, endpoint, "gone");
  }
  const wait = SCHEDULE[tries];
  if (wait === undefined) {
    await settle(tenantId, delivery, { state: "failed", tries, attempts });
    return disable(tenantId, endpoint, "exhausted");
  }
  const nextAt = new Date(Date.now() + Math.max(jittered(wait), outcome.retryAfterMs));
  await settle(tenantId, delivery, { tries, attempts, nextAt });
}

const jittered = (ms: number) => ms + Math.round((ms * randomInt(JITTER_PERCENT * 100)) / 10_000);

interface Outcome {
  status: number | null;
  isDelivered: boolean;
  error: string | null;
  retryAfterMs: number;
}

/** Null when the worker stopped in the middle. */
async function attempt(
  endpoint: WebhookEndpoint,
  event: typeof webhookEvents.$inferSelect,
  { stop, resolve }: Options,
): Promise<Outcome | null> {
  const body = eventBody(event);
  const now = new Date();
  const signatures = secretsOf(endpoint, now).map((secret) => new Webhook(secret).sign(event.id, now, body));
  try {
    if (signatures.length === 0) throw new EgressError("the secret cannot be read any more; make a new one");
    const headers = {
      "content-type": "application/json",
      "user-agent": "Graft-Webhooks/1",
      "webhook-id": event.id,
      "webhook-timestamp": String(unix(now)),
      "webhook-signature": signatures.join(" "),
    };
    const sent = await post(endpoint.url, { headers, body, timeoutMs: TIMEOUT_MS, stop }, resolve);
    const isDelivered = sent.status >= 200 && sent.status < 300;
    const isRedirect = sent.status >= 300 && sent.status < 400;
    const error = isDelivered ? null : isRedirect ? "redirects are not followed" : `answered ${sent.status}`;
    return { status: sent.status, isDelivered, error, retryAfterMs: retryAfterOf(sent) };
  } catch (error) {
    if (stop?.aborted) return null;
    // What a foreign server is like is the customer's business, what fails in our network is ours.
    const said =
      error instanceof EgressError
        ? error.message
        : ((error as NodeJS.ErrnoException).code ?? "no connection");
    return { status: null, isDelivered: false, error: said, retryAfterMs: 0 };
  }
}

function retryAfterOf({ status, headers }: Awaited<ReturnType<typeof post>>): number {
  const text = String(headers["retry-after"] ?? "");
  if (!SLOWING.includes(status) || text === "") return 0;
  const ms = /^\d+$/.test(text) ? Number(text) * SECOND : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), MOST_RETRY_AFTER_MS) : 0;
}

const settle = (tenantId: string, { id }: Delivery, set: Partial<Delivery>): Promise<void> =>
  forTenant(tenantId, async (tx) => {
    await tx.update(webhookDeliveries, set, eq(webhookDeliveries.id, id));
  });

/** What waits for it fails with it; who owns the organisation is told by mail. */
const disable = (
  tenantId: string,
  { id, url }: WebhookEndpoint,
  because: "gone" | "exhausted",
): Promise<void> =>
  forTenant(tenantId, async (tx) => {
    const isOn = and(eq(webhookEndpoints.id, id), eq(webhookEndpoints.state, "enabled")) ?? sql`false`;
    const [off] = await tx.update(webhookEndpoints, { state: "disabled", disabledBecause: because }, isOn);
    if (!off) return;
    await tx.update(webhookDeliveries, { state: "failed" }, sql`endpoint_id = ${id} and state = 'pending'`);
    await writeAudit(tx, "system", "webhook.disabled", id, { url, because });
    await mailOwners(tx);
  });

async function mailOwners(tx: TenantTx): Promise<void> {
  const [tenant] = await tx.query<{ slug: string; name: string }>(
    sql`select slug, name from tenants where id = ${tx.tenantId}`,
  );
  if (!tenant) return;
  const locale = (await findProfile(tx))?.locale ?? "en";
  for (const to of await emailsOf(tx, "owner"))
    await writeMail(tx, {
      to,
      kind: "webhook_disabled",
      locale,
      organisation: tenant.name,
      path: `/${tenant.slug}/settings/webhooks`,
    });
}
