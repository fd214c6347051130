import { type Lease, type Limited, leaseRows, NO_LIMIT, newHolder, TENANT, type Wanted } from "./budgets";
import { AppError } from "./errors";
import type { Meter } from "./price-sheet";
import { leaseRowsOf, limitedParts, partName } from "./row-limits";

/** One serving process's leases of limits: a call within its room asks no database. */

/** After that a lease is looked at again, so that a changed limit counts within seconds. */
const FRESH_MS = 5000;

export interface BudgetRoom {
  /**
   * Refuses rows that a limit has no room for: the tenant's, the key's or the model's. They are held until they are
   * metered or given up: then release.
   */
  take(tenantId: string, asked: { keyId: string | null; model: string }, rows: number): Promise<() => void>;
}

interface Room {
  rows: bigint | null;
  inFlight: bigint;
  freshUntil: number;
  renewing: Promise<void> | null;
  lease(wanted: Wanted): Promise<Lease>;
}

const WHOSE: Record<Limited["scope"], string> = {
  tenant: "The spend limit of this organisation is reached",
  key: "The limit of this key is reached",
  model: "The limit of this model is reached",
};

/** @param meter what the rows are billed as. */
export function openBudgetRoom(
  flush: () => Promise<boolean>,
  freshMs = FRESH_MS,
  meter: Meter = "inference.row",
): BudgetRoom {
  const holder = newHolder();
  const rooms = new Map<string, Room>();
  const parts = new Map<string, { limited: Promise<Set<string>>; freshUntil: number }>();

  /** Most keys and models have no limit: one look a tenant says so for all of them. */
  function limitedIn(tenantId: string): Promise<Set<string>> {
    const known = parts.get(tenantId);
    if (known && Date.now() < known.freshUntil) return known.limited;
    const limited = limitedParts(tenantId);
    parts.set(tenantId, { limited, freshUntil: Date.now() + freshMs });
    limited.catch(() => parts.delete(tenantId));
    return limited;
  }

  function roomOf(tenantId: string, of: Limited): Room {
    const name = `${tenantId} ${partName(of)}`;
    const room = rooms.get(name) ?? {
      ...{ rows: null, inFlight: 0n, freshUntil: 0, renewing: null },
      async lease(wanted: Wanted) {
        const { scope, subject } = of;
        if (scope === "tenant") return leaseRows(tenantId, wanted);
        if (!(await limitedIn(tenantId)).has(partName(of))) return NO_LIMIT;
        return leaseRowsOf(tenantId, { scope, subject }, wanted);
      },
    };
    rooms.set(name, room);
    return room;
  }

  async function renew(room: Room, needed: bigint): Promise<void> {
    // Nothing may be taken from the old lease while it is replaced; what is in flight is held by the new one.
    const { inFlight, rows } = room;
    room.rows = 0n;
    room.freshUntil = 0;
    // Only what is recorded may leave the lease. Without a limit nothing needs to be.
    if (rows !== null && !(await flush())) throw new AppError("database_unavailable", { retryAfterMs: 2000 });
    const lease = await room.lease({ holder, meter, needed, inFlight });
    // The limit is new here: what was answered before it has to be recorded, too.
    if (rows === null && lease.rows !== null) return renew(room, needed);
    room.rows = lease.rows;
    room.freshUntil = Math.min(Date.now() + freshMs, lease.endsAt?.getTime() ?? Number.POSITIVE_INFINITY);
  }

  /** @returns what gives the rows back, for a call that another limit refuses. */
  async function claim(room: Room, rows: bigint, { scope }: Limited): Promise<() => void> {
    const hasRoom = () => Date.now() < room.freshUntil && (room.rows === null || room.rows >= rows);
    while (room.renewing) await room.renewing.catch(() => {});
    if (!hasRoom()) {
      room.renewing = renew(room, rows).finally(() => {
        room.renewing = null;
      });
      await room.renewing;
    }
    if (!hasRoom())
      throw new AppError("spend_limit_reached", {
        message: `${WHOSE[scope]}. Raise it under Billing, or wait for the next month.`,
      });
    if (room.rows !== null) room.rows -= rows;
    room.inFlight += rows;
    return () => {
      if (room.rows !== null) room.rows += rows;
      room.inFlight -= rows;
    };
  }

  return {
    async take(tenantId, { keyId, model }, count) {
      const rows = BigInt(count);
      const limits: Limited[] = [TENANT, { scope: "model", subject: model }];
      if (keyId !== null) limits.push({ scope: "key", subject: keyId });
      const held = limits.map((of) => ({ of, room: roomOf(tenantId, of) }));
      const back: (() => void)[] = [];
      try {
        for (const { of, room } of held) back.push(await claim(room, rows, of));
      } catch (error) {
        for (const give of back) give();
        throw error;
      }
      return () => {
        for (const { room } of held) room.inFlight -= rows;
      };
    },
  };
}
