import { createHash } from "node:crypto";
import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import { idempotencyKeys } from "@/db/schema/serving";
import { forTenant } from "@/db/tenant";
import { AppError, fail } from "./errors";
import type { Actor } from "./session";

/**
 * Asked twice with one key, computed and answered once (draft-ietf-httpapi-idempotency-key-header): the answer is kept for a
 * day. Refusals and failures are not kept: asking again is right then, and what was recorded under the key is recorded
 * once by its id. An answer that is too large is not kept either; it is computed again, and billed once.
 */
const HOLD_SECONDS = 120;
const KEPT_HOURS = 24;
const MOST_KEPT_BYTES = 2_000_000;
const WAIT_MS = 1000;
const KEPT_HEADERS = ["content-type", "inference-header-content-length"];
const LONGEST_KEY = 255;

/** A structured-field string is quoted, most clients send it bare: both are the same key. */
export function idempotencyKeyOf(request: Request): string | undefined {
  const key = request.headers
    .get("idempotency-key")
    ?.trim()
    .replace(/^"(.*)"$/, "$1");
  if (key === undefined) return undefined;
  if (key.length < 1 || key.length > LONGEST_KEY)
    fail("invalid_request", "`Idempotency-Key` must have 1 to 255 characters.", "Idempotency-Key");
  return key;
}

/** Runs `work` unless its answer is there already. `body` is what the request carried. */
export async function once(
  { tenantId }: Actor,
  request: Request,
  key: string,
  body: Uint8Array,
  work: () => Promise<Response>,
): Promise<Response> {
  const scope = `${request.method} ${new URL(request.url).pathname}`;
  const fingerprint = createHash("sha256")
    .update(`${request.headers.get("content-type") ?? ""}\n`)
    .update(body)
    .digest("hex");
  const mine = and(eq(idempotencyKeys.scope, scope), eq(idempotencyKeys.key, key)) as SQL;
  const kept = await claim(tenantId, { scope, key, fingerprint }, mine);
  if (kept) return kept;
  const forget = () =>
    forTenant(tenantId, (tx) => tx.remove(idempotencyKeys, and(mine, isNull(idempotencyKeys.status)) as SQL));
  try {
    const response = await work();
    const answer = Buffer.from(await response.clone().arrayBuffer());
    if (!response.ok || answer.length > MOST_KEPT_BYTES) await forget();
    else
      await forTenant(tenantId, (tx) =>
        tx.update(
          idempotencyKeys,
          { status: response.status, headers: keptHeaders(response), body: answer.toString("base64") },
          mine,
        ),
      );
    return response;
  } catch (error) {
    await forget().catch(() => {});
    throw error;
  }
}

const keptHeaders = ({ headers }: Response): Record<string, string> =>
  Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );

/** Null when it is the caller's to compute; else the kept answer. One that was begun and never ended is taken over. */
function claim(
  tenantId: string,
  { scope, key, fingerprint }: { scope: string; key: string; fingerprint: string },
  mine: SQL,
): Promise<Response | null> {
  return forTenant(tenantId, async (tx) => {
    const claimed = await tx.query(sql`
      insert into idempotency_keys as k (tenant_id, scope, key, fingerprint, held_until)
      values (${tx.tenantId}, ${scope}, ${key}, ${fingerprint}, now() + make_interval(secs => ${HOLD_SECONDS}))
      on conflict (tenant_id, scope, key) do update set fingerprint = excluded.fingerprint,
        held_until = excluded.held_until, status = null, headers = null, body = null, created_at = now()
      where (k.status is null and k.held_until < now()) or k.created_at < now() - make_interval(hours => ${KEPT_HOURS})
      returning 1 as claimed`);
    if (claimed.length > 0) return null;
    const there = await tx.one(idempotencyKeys, mine);
    // Gone in between: it failed, and asking again is right.
    if (!there) throw new AppError("idempotency_in_flight", { retryAfterMs: WAIT_MS });
    if (there.fingerprint !== fingerprint) fail("idempotency_mismatch", undefined, "Idempotency-Key");
    if (there.status === null) throw new AppError("idempotency_in_flight", { retryAfterMs: WAIT_MS });
    return new Response(Buffer.from(there.body ?? "", "base64"), {
      status: there.status,
      headers: { ...there.headers, "idempotent-replayed": "true" },
    });
  });
}
