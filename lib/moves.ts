import { and, eq, type InferSelectModel, type SQL } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { TenantTx } from "@/db/tenant";
import { fail } from "./errors";

type Movable = PgTable & { tenantId: PgColumn; id: PgColumn; state: PgColumn };
type RowOf<T extends Movable> = InferSelectModel<T> & { state: string };

/**
 * The one way by which rows of a table change their state: by its table of moves, as a compare-and-set. Whoever moved the
 * row first wins; the other is told. `noun` is how a refusal names the row: `A quote`.
 */
export function mover<T extends Movable>(
  table: T,
  noun: string,
  moves: Record<RowOf<T>["state"], readonly RowOf<T>["state"][]>,
) {
  return async (
    tx: TenantTx,
    id: string,
    to: RowOf<T>["state"],
    set: Partial<Omit<InferSelectModel<T>, "tenantId" | "id" | "state">> = {},
  ): Promise<InferSelectModel<T>> => {
    const before = (await tx.one(table, eq(table.id, id))) as RowOf<T> | undefined;
    if (!before) return fail("not_found");
    const from: RowOf<T>["state"] = before.state;
    if (!moves[from].includes(to))
      return fail("invalid_request", `${noun} that is ${from} does not become ${to}.`, "state");
    const where = and(eq(table.id, id), eq(table.state, from)) as SQL;
    const [moved] = await tx.update(table, { ...set, state: to } as never, where);
    return (
      moved ?? fail("invalid_request", `${noun} was changed at the same time; look at it again.`, "state")
    );
  };
}
