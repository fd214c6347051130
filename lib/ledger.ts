import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign } from "node:crypto";
import { and, asc, desc, gte, lt, sql } from "drizzle-orm";
import { usageDays, usageEvents } from "@/db/schema/usage";
import { daysToSeal } from "@/db/system";
import { forTenant } from "@/db/tenant";
import { canonical } from "./canonical";
import { env } from "./env";
import { billedPeriodsToWire } from "./ledger-periods";
import { closingOf, endOfDay } from "./ledger-time";
import { createTree } from "./merkle";
import { ledgerLock } from "./usage";

/**
 * Usage that a customer can recompute. The events of a closed day, sorted by id, are the leaves of a Merkle tree; its
 * root is chained to the day before and signed, so nothing can be added, changed or taken away later without it
 * showing. `clients/verify-usage.mjs` follows the same rules without any of this code.
 */

type Event = typeof usageEvents.$inferSelect;
type Day = typeof usageDays.$inferSelect;

/** What an event looks like in a download, by name: written as it is, that is its canonical JSON, and the leaf. */
export const eventToWire = (event: Event) => ({
  billable: event.isBillable,
  claimed_at: event.claimedAt?.toISOString() ?? null,
  counted_at: event.countedAt.toISOString(),
  fixed_decimal: event.fixedDecimal,
  id: event.id,
  key_id: event.keyId,
  meter: event.meter,
  model: event.model,
  object: "usage.event" as const,
  occurred_at: event.occurredAt.toISOString(),
  quantity: event.quantity.toString(),
  reason: event.reason,
  recorded_at: event.recordedAt.toISOString(),
  route: event.route,
  tokens: event.tokens,
  user_id: event.userId,
});
/** A million of these are written a day; sorting their names each time took longer than hashing them. */
const leafOf = (event: Event): string => JSON.stringify(eventToWire(event));

export const dayToWire = (day: Day) => ({
  object: "usage.sealed_day" as const,
  day: day.day,
  events: day.events,
  root: day.root,
  previous: day.previous,
  chain: day.chain,
  signature: day.signature,
  public_key: day.publicKey,
});

/** Before a tenant's first day. */
const GENESIS = "0".repeat(64);
const chainOf = (
  tenantId: string,
  { day, events, root, previous }: Pick<Day, "day" | "events" | "root" | "previous">,
) =>
  createHash("sha256")
    .update(["graft-usage-day", tenantId, day, events, root, previous].join("\n"))
    .digest("hex");

/** PKCS #8 of an Ed25519 key up to its 32 bytes (RFC 8410). */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
function signingKey(): { key: KeyObject; publicKey: string } {
  const seed = Buffer.from(hkdfSync("sha256", env().NEXTAUTH_SECRET, "", "graft usage ledger", 32));
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return { key, publicKey: spki.toString("base64") };
}

const PAGE = 5000;
/** In the order of the leaves: by instant, then by id. Joins the tenant's open transaction, else one a page. */
async function* eventsBetween(tenantId: string, from: Date, to: Date): AsyncGenerator<Event> {
  let after: Pick<Event, "countedAt" | "id"> = { countedAt: from, id: "" };
  for (;;) {
    const { countedAt, id } = after;
    const next = sql`(counted_at, id collate "C") > (${countedAt.toISOString()}::timestamptz, ${id})
      and counted_at < ${to.toISOString()}`;
    const page = await forTenant(tenantId, (tx) =>
      tx.select(usageEvents, next, { orderBy: sql`counted_at, id collate "C"`, limit: PAGE }),
    );
    yield* page;
    const last = page.at(-1);
    if (page.length < PAGE || !last) return;
    after = last;
  }
}
const startOf = (day: string) => new Date(`${day}T00:00:00Z`);

/** Closes a day of a tenant; a day that is sealed, or has no events, is left alone. */
async function sealDay(tenantId: string, day: string): Promise<boolean> {
  const from = startOf(day);
  return forTenant(tenantId, async (tx) => {
    await tx.query(sql`select pg_advisory_xact_lock(${ledgerLock(tenantId)})`);
    if (await tx.one(usageDays, gte(usageDays.day, day))) return false;
    const tree = createTree();
    for await (const event of eventsBetween(tenantId, from, endOfDay(from))) tree.add(leafOf(event));
    if (tree.leaves() === 0) return false;
    const [before] = await tx.select(usageDays, undefined, { orderBy: desc(usageDays.day), limit: 1 });
    const sealed = {
      day,
      events: tree.leaves(),
      root: tree.root().toString("hex"),
      previous: before?.chain ?? GENESIS,
    };
    const chain = chainOf(tenantId, sealed);
    const { key, publicKey } = signingKey();
    const signature = sign(null, Buffer.from(chain, "hex"), key).toString("base64");
    await tx.insert(usageDays, { ...sealed, chain, signature, publicKey });
    return true;
  });
}

/** Seals every day that is closed, oldest first. @returns how many. */
export async function sealDays(now = new Date()): Promise<number> {
  let sealed = 0;
  for (const { tenant_id, day } of await daysToSeal(lastClosedDay(now)))
    if (await sealDay(tenant_id, day)) sealed++;
  return sealed;
}

/** `2026-01-31`: the last day to which nothing is added any more. */
export const lastClosedDay = (now: Date): string =>
  new Date(now.getTime() - closingOf(new Date(0)).getTime()).toISOString().slice(0, 10);

/** Lines of a download: what was billed of a time, then every sealed day of it, each before its events. */
export async function* ledgerLines(tenantId: string, from: string, to: string): AsyncGenerator<string> {
  const days = await forTenant(tenantId, (tx) =>
    tx.select(usageDays, and(gte(usageDays.day, from), lt(usageDays.day, to)), {
      orderBy: asc(usageDays.day),
    }),
  );
  yield canonical({ object: "usage.ledger", tenant: tenantId, from, to });
  for (const period of await billedPeriodsToWire(tenantId, from, to)) yield canonical(period);
  for (const day of days) {
    yield canonical(dayToWire(day));
    const start = startOf(day.day);
    for await (const event of eventsBetween(tenantId, start, endOfDay(start))) yield leafOf(event);
  }
}
