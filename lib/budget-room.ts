import { leaseRows, newHolder } from "./budgets";
import { AppError } from "./errors";

/** One serving process's leases: a call within its room asks no database. */

/** After that a lease is looked at again, so that a changed limit counts within seconds. */
const FRESH_MS = 5000;

export interface BudgetRoom {
  /** Refuses rows that the limit has no room for. They are held until they are metered or given up: then release. */
  take(tenantId: string, rows: number): Promise<() => void>;
}

interface Room {
  rows: bigint | null;
  inFlight: bigint;
  freshUntil: number;
  renewing: Promise<void> | null;
}

export function openBudgetRoom(flush: () => Promise<boolean>, freshMs = FRESH_MS): BudgetRoom {
  const holder = newHolder();
  const rooms = new Map<string, Room>();
  const roomOf = (tenantId: string): Room => {
    const room = rooms.get(tenantId) ?? { rows: 0n, inFlight: 0n, freshUntil: 0, renewing: null };
    rooms.set(tenantId, room);
    return room;
  };

  async function renew(tenantId: string, room: Room, needed: bigint): Promise<void> {
    // Nothing may be taken from the old lease while it is replaced; what is in flight is held by the new one.
    const { inFlight, rows } = room;
    room.rows = 0n;
    room.freshUntil = 0;
    // Only what is recorded may leave the lease. Without a limit nothing needs to be.
    if (rows !== null && !(await flush())) throw new AppError("database_unavailable", { retryAfterMs: 2000 });
    const lease = await leaseRows(tenantId, { holder, needed, inFlight });
    // The limit is new here: what was answered before it has to be recorded, too.
    if (rows === null && lease.rows !== null) return renew(tenantId, room, needed);
    room.rows = lease.rows;
    room.freshUntil = Math.min(Date.now() + freshMs, lease.endsAt?.getTime() ?? Number.POSITIVE_INFINITY);
  }

  async function claim(tenantId: string, room: Room, rows: bigint): Promise<void> {
    const hasRoom = () => Date.now() < room.freshUntil && (room.rows === null || room.rows >= rows);
    while (room.renewing) await room.renewing.catch(() => {});
    if (!hasRoom()) {
      room.renewing = renew(tenantId, room, rows).finally(() => {
        room.renewing = null;
      });
      await room.renewing;
    }
    if (!hasRoom()) throw new AppError("spend_limit_reached");
    if (room.rows !== null) room.rows -= rows;
    room.inFlight += rows;
  }

  return {
    async take(tenantId, count) {
      const [room, rows] = [roomOf(tenantId), BigInt(count)];
      await claim(tenantId, room, rows);
      return () => {
        room.inFlight -= rows;
      };
    },
  };
}
