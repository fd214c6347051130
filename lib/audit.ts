import { desc } from "drizzle-orm";
import { auditEvents } from "@/db/schema/people";
import { forTenant, type TenantTx } from "@/db/tenant";
import { createId } from "./id";
import type { Actor } from "./session";

/** Who did it: a member, a key, a member of staff by user id, or `system`. */
export const actorId = (actor: Pick<Actor, "keyId" | "userId"> | string) =>
  typeof actor === "string" ? actor : (actor.keyId ?? actor.userId ?? "system");

/** Whoever an actor's id names again: a key or a person. */
export const actorOfId = (id: string): { keyId: string | null; userId: string | null } =>
  id.startsWith("key_") ? { keyId: id, userId: null } : { keyId: null, userId: id };

/** Written in the transaction of the deed, so there is never one without the other. */
export async function writeAudit(
  tx: TenantTx,
  actor: Actor | string,
  action: string,
  target: string,
  data: Record<string, unknown> = {},
): Promise<void> {
  await tx.insert(auditEvents, { id: createId("audit"), actor: actorId(actor), action, target, data });
}

export const listAudit = (tenantId: string, limit = 100) =>
  forTenant(tenantId, (tx) =>
    tx.select(auditEvents, undefined, { orderBy: desc(auditEvents.createdAt), limit }),
  );
