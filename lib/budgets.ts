import { randomUUID } from "node:crypto";
import { lte, sql } from "drizzle-orm";
import { z } from "zod";
import { budgetLeases, budgets } from "@/db/schema/billing";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { currentPeriod, type Sheets, sheetsById } from "./billed-periods";
import { findProfile } from "./billing-profiles";
import { fail } from "./errors";
import { OPEN_STATES } from "./job-moves";
import { add, type Exact, price } from "./money";
import { costBefore, costOf } from "./month-cost";
import type { Meter } from "./price-sheet";
import { type UnitSum, unitsIn } from "./usage-sums";

/**
 * The most that a calendar month may come to, before tax, by the lines that its invoice will have. Rows are
 * leased to serving processes: what is recorded, leased and ordered stays within the limit together. Only what killed
 * processes answered and had not recorded when their leases ended can pass it: a lease each, which is at most 1 % of the
 * limit, or the one call that alone needed more.
 */

const amount = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable();
/** In the contract's currency; null for none. */
export const budgetSchema = z.object({ softMinor: amount.default(null), hardMinor: amount });

/** A lease is at most this share of the limit, unless one call alone asks for more. */
export const LEASES_PER_LIMIT = 100n;
export const MAX_LEASE_ROWS = 10_000n;
const LEASE_SECONDS = 60;

export const newHolder = () => randomUUID();

/** What a limit is of: all that is used, or what one key or one model answers. */
export interface Limited {
  scope: "tenant" | "key" | "model";
  /** A key's id or a model's name. */
  subject: string;
}
export const TENANT: Limited = { scope: "tenant", subject: "" };
export const isOf = ({ scope, subject }: Limited) => sql`scope = ${scope} and subject = ${subject}`;

/**
 * When people are told and what the most is, as they are stored.
 * @param param the field that says when people are told.
 */
export function limitsOf(soft: number | null, hard: number | null, param: string) {
  if (soft !== null && hard !== null && soft > hard)
    fail("invalid_request", `\`${param}\`: people are told before the limit, so it is not above it.`, param);
  const stored = (count: number | null) => (count === null ? null : BigInt(count));
  return { soft: stored(soft), hard: stored(hard) };
}

export const readBudget = (tenantId: string): Promise<typeof budgets.$inferSelect | null> =>
  forTenant(tenantId, findBudget);
const findBudget = async (tx: TenantTx) => (await tx.select(budgets))[0] ?? null;

/** One at a time reckons what is left of a tenant's limit. */
export const lockBudget = (tx: TenantTx) =>
  tx.query(sql`select pg_advisory_xact_lock(hashtext('graft.budget'), hashtext(${tx.tenantId}))`);

export async function saveBudget(
  tenantId: string,
  input: z.input<typeof budgetSchema>,
  by: string,
): Promise<void> {
  const { softMinor, hardMinor } = budgetSchema.parse(input);
  const { soft, hard } = limitsOf(softMinor, hardMinor, "softMinor");
  await forTenant(tenantId, async (tx) => {
    await lockBudget(tx);
    if (!(await findProfile(tx)))
      fail("invalid_request", "Fill in the billing profile first; it names the currency.", "hardMinor");
    await tx.remove(budgets, sql`true`);
    if (softMinor !== null || hardMinor !== null)
      await tx.insert(budgets, { softMinor: soft, hardMinor: hard, updatedBy: by });
    await writeAudit(tx, by, "budget.changed", hardMinor === null ? "none" : String(hardMinor), {
      soft: softMinor,
    });
  });
}

interface More {
  meter: Meter;
  quantity: bigint;
  /** Of work whose price is fixed. */
  fixed?: { quantity: bigint; amount: Exact };
}
const NOTHING = { quantity: 0n, amount: price("0") };

function plus(used: readonly UnitSum[], more: More): UnitSum[] {
  const { meter, quantity, fixed = NOTHING } = more;
  const before = used.find((one) => one.meter === meter) ?? { meter, quantity: 0n, fixed: NOTHING };
  const after = {
    meter,
    quantity: before.quantity + quantity,
    fixed: {
      quantity: before.fixed.quantity + fixed.quantity,
      amount: add(before.fixed.amount, fixed.amount),
    },
  };
  return [...used.filter((one) => one.meter !== meter), after];
}

/** Rows that others may answer, and trainings that are ordered but not yet due: they count as if they were used. */
async function promised(tx: TenantTx, holder: string): Promise<More[]> {
  const leased = await tx.query<{ meter: Meter; rows: string }>(sql`
    select meter, sum(units)::text as rows from budget_leases
    where tenant_id = ${tx.tenantId} and scope = 'tenant' and holder <> ${holder} and expires_at > now() group by 1`);
  const [ordered] = await tx.query<{ jobs: string; amount: string }>(sql`
    select count(*)::text as jobs, coalesce(sum(price_decimal::numeric), 0)::text as amount from jobs
    where tenant_id = ${tx.tenantId} and price_decimal is not null and state in ${[...OPEN_STATES]}`);
  return [
    ...leased.map(({ meter, rows }) => ({ meter, quantity: BigInt(rows) })),
    {
      meter: "training.job",
      quantity: 0n,
      fixed: { quantity: BigInt(ordered?.jobs ?? 0), amount: price(ordered?.amount ?? "0") },
    },
  ];
}

/** What the running month would come to with more than is used and promised; null where nothing limits it. */
async function reckoner(tx: TenantTx, sheets: Sheets, now: Date, holder = "") {
  const budget = await findBudget(tx);
  if (!budget || budget.hardMinor === null) return null;
  await lockBudget(tx);
  const [profile, current] = [await findProfile(tx), await currentPeriod(tx, sheets, now)];
  if (!profile || !current) return null;
  const { currency } = profile;
  const before = await costBefore(tx, sheets, current.period, currency);
  const taken = (await promised(tx, holder)).reduce(plus, (await unitsIn(tx, current.period)).own);
  const cost = (more: More): bigint => before + costOf(current, plus(taken, more), currency);
  return { hardMinor: budget.hardMinor, endsAt: current.period.endsAt, cost };
}

/** The most of `0..limit` for which `fits` holds; it holds for all below one that fits. */
function most(limit: bigint, fits: (rows: bigint) => boolean): bigint {
  let [low, high] = [0n, limit];
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if (fits(middle)) low = middle;
    else high = middle - 1n;
  }
  return low;
}

export interface Lease {
  /** Rows that may be answered; null without a limit. */
  rows: bigint | null;
  /** What holds changes then. */
  endsAt: Date | null;
}
export const NO_LIMIT: Lease = { rows: null, endsAt: null };

/** What a holder asks for: rows beyond those that it still works on. */
export interface Wanted {
  holder: string;
  meter: Meter;
  needed: bigint;
  inFlight: bigint;
}

/** A holder has one lease of a limit at a time. */
export async function replaceLease(
  tx: TenantTx,
  of: Limited,
  { holder, meter }: Wanted,
  units: bigint,
): Promise<void> {
  await tx.remove(budgetLeases, sql`${isOf(of)} and holder = ${holder}`);
  await tx.insert(budgetLeases, {
    ...{ scope: of.scope, subject: of.subject, holder, meter, units },
    expiresAt: sql`now() + make_interval(secs => ${LEASE_SECONDS})` as never,
  });
}

/**
 * Replaces what a holder has by a lease of `needed` rows or more. Whatever it answered must be recorded by then;
 * `inFlight` are the rows that it still works on. None are given where the call does not fit.
 */
export async function leaseRows(tenantId: string, of: Wanted): Promise<Lease> {
  // Most have no limit: their calls ask for that alone, not for every price there is.
  if ((await readBudget(tenantId))?.hardMinor == null) return NO_LIMIT;
  const sheets = await sheetsById();
  return forTenant(tenantId, async (tx) => {
    const left = await reckoner(tx, sheets, new Date(), of.holder);
    if (!left) return NO_LIMIT;
    await tx.remove(budgetLeases, lte(budgetLeases.expiresAt, sql`now()`));
    const cost = (rows: bigint) => left.cost({ meter: of.meter, quantity: of.inFlight + rows });
    const step = left.hardMinor / LEASES_PER_LIMIT;
    const from = cost(0n);
    const fits = (rows: bigint) => cost(rows) <= left.hardMinor;
    const spare = most(
      MAX_LEASE_ROWS,
      (rows) => fits(of.needed + rows) && cost(of.needed + rows) - from <= step,
    );
    const rows = fits(of.needed) ? of.needed + spare : 0n;
    await replaceLease(tx, TENANT, of, of.inFlight + rows);
    return { rows, endsAt: left.endsAt };
  });
}

/** Refuses a training that the limit does not leave room for. */
export async function assertWithinBudget(
  tx: TenantTx,
  sheets: Sheets,
  now: Date,
  decimal: string,
): Promise<void> {
  const left = await reckoner(tx, sheets, now);
  if (!left) return;
  const fixed = { quantity: 1n, amount: price(decimal) };
  if (left.cost({ meter: "training.job", quantity: 0n, fixed }) > left.hardMinor)
    fail(
      "spend_limit_reached",
      "This training would pass the spend limit of this month. Raise the limit under Billing, or wait for the next month. Nothing was started.",
    );
}
