import { lte, sql } from "drizzle-orm";
import { z } from "zod";
import { budgetLeases, rowLimits } from "@/db/schema/billing";
import { apiKeys } from "@/db/schema/people";
import { models } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import {
  isOf,
  LEASES_PER_LIMIT,
  type Lease,
  type Limited,
  limitsOf,
  lockBudget,
  MAX_LEASE_ROWS,
  NO_LIMIT,
  replaceLease,
  type Wanted,
} from "./budgets";
import { fail } from "./errors";
import { least } from "./money";
import { monthStart, nextMonth } from "./periods";

/**
 * How many billable rows one key may ask for, or one model may answer, in a calendar month (UTC). In rows and not in
 * money, because with graduated prices the cost of a part depends on all the rest. Leased like the spend limit.
 */
export type RowLimit = typeof rowLimits.$inferSelect;
type Part = Limited & { scope: RowLimit["scope"] };

const rows = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable();
export const rowLimitSchema = z.object({
  scope: z.enum(["key", "model"]),
  subject: z.string().min(1).max(300),
  softRows: rows,
  hardRows: rows,
});

/** Both null takes the limit away. */
export async function saveRowLimit(
  tenantId: string,
  { scope, subject, softRows, hardRows }: z.infer<typeof rowLimitSchema>,
  by: string,
): Promise<void> {
  const { soft, hard } = limitsOf(softRows, hardRows, "softRows");
  await forTenant(tenantId, async (tx) => {
    await lockBudget(tx);
    const isThere =
      scope === "key"
        ? await tx.one(apiKeys, sql`id = ${subject} and not is_internal`)
        : await tx.one(models, sql`name = ${subject} and state = 'ready'`);
    const isNone = softRows === null && hardRows === null;
    if (!isThere && !isNone) fail("not_found", undefined, "subject");
    await tx.remove(rowLimits, isOf({ scope, subject }));
    if (!isNone)
      await tx.insert(rowLimits, {
        ...{ scope, subject, softRows: soft, hardRows: hard, updatedBy: by },
      });
    await writeAudit(tx, by, "row_limit.changed", subject, { scope, soft: softRows, hard: hardRows });
  });
}

/** Billable rows of the running month. */
export async function rowsOf(tx: TenantTx, { scope, subject }: Part, now: Date): Promise<bigint> {
  const column = sql.identifier(scope === "key" ? "key_id" : "model");
  const [sum] = await tx.query<{ rows: string }>(sql`
    select coalesce(sum(quantity), 0)::text as rows from usage_hours
    where tenant_id = ${tx.tenantId} and ${column} = ${subject} and reason = ''
      and meter in ('inference.row', 'batch.row') and hour >= ${monthStart(now).toISOString()}`);
  return BigInt(sum?.rows ?? 0);
}

export interface LimitedRows extends RowLimit {
  usedRows: bigint;
  /** A key's name; a model's is its subject. */
  name: string;
}

export const listRowLimits = (tenantId: string, now = new Date()): Promise<LimitedRows[]> =>
  forTenant(tenantId, async (tx) => {
    const all = await tx.select(rowLimits, undefined, { orderBy: sql`scope, subject` });
    const keys = all.length > 0 ? await tx.select(apiKeys) : [];
    const found: LimitedRows[] = [];
    for (const one of all) {
      const name = keys.find(({ id }) => id === one.subject)?.name ?? one.subject;
      found.push({ ...one, name, usedRows: await rowsOf(tx, one, now) });
    }
    return found;
  });

/** Which keys and models of a tenant are limited at all. */
export const limitedParts = (tenantId: string): Promise<Set<string>> =>
  forTenant(
    tenantId,
    async (tx) => new Set((await tx.select(rowLimits, sql`hard_rows is not null`)).map(partName)),
  );
export const partName = ({ scope, subject }: Limited) => `${scope} ${subject}`;

/** As `leaseRows`, of a key's or a model's rows. */
export const leaseRowsOf = (tenantId: string, of: Part, wanted: Wanted, now = new Date()): Promise<Lease> =>
  forTenant(tenantId, async (tx) => {
    await lockBudget(tx);
    const limit = await tx.one(rowLimits, isOf(of));
    if (!limit || limit.hardRows === null) return NO_LIMIT;
    await tx.remove(budgetLeases, lte(budgetLeases.expiresAt, sql`now()`));
    const others = await tx.select(budgetLeases, sql`${isOf(of)} and holder <> ${wanted.holder}`);
    const taken = others.reduce(
      (sum, { units }) => sum + units,
      (await rowsOf(tx, of, now)) + wanted.inFlight,
    );
    const left = limit.hardRows - taken;
    const spare = least(limit.hardRows / LEASES_PER_LIMIT, MAX_LEASE_ROWS);
    const given = left >= wanted.needed ? least(left, wanted.needed + spare) : 0n;
    await replaceLease(tx, of, wanted, wanted.inFlight + given);
    return { rows: given, endsAt: nextMonth(monthStart(now)) };
  });
