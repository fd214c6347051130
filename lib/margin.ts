import { sql } from "drizzle-orm";
import { forTenant, type TenantTx } from "@/db/tenant";
import { readProfile } from "./billing-profiles";
import { billedMinor } from "./invoices";
import { add, price, times, toMinor, ZERO } from "./money";
import { rateOn } from "./rate-card";
import { type TimeEntry, timeOf } from "./time-entries";

/** What a project leaves: billed, less hours times their cost, less the machines' hours. Nothing is estimated. */
export interface Margin {
  currency: string;
  /** Before tax, of invoices that were issued, less what was credited. */
  billedMinor: bigint;
  hoursMinor: bigint;
  /** Null where nobody said what an hour of a machine costs. */
  computeMinor: bigint | null;
  marginMinor: bigint;
  minutes: number;
  billableMinutes: number;
  computeSeconds: number;
  entries: TimeEntry[];
}

/** Null before there is a billing profile, which names the currency. */
export async function marginOf(
  tenantId: string,
  projectId: string,
  now = new Date(),
): Promise<Margin | null> {
  const profile = await readProfile(tenantId);
  if (!profile) return null;
  const { currency } = profile;
  const compute = await rateOn("compute_hour", currency, now.toISOString().slice(0, 10));
  return forTenant(tenantId, async (tx) => {
    const entries = await timeOf(tx, projectId);
    const hours = entries.reduce(
      (sum, { minutes, costDecimal }) => add(sum, times(price(costDecimal), BigInt(minutes), 60n)),
      ZERO,
    );
    const hoursMinor = toMinor(hours, currency);
    const computeSeconds = await computeOf(tx, projectId);
    const computeMinor =
      compute && toMinor(times(price(compute.costDecimal), BigInt(computeSeconds), 3600n), currency);
    const billed = (await billedOf(tx, projectId)) - (await creditedOf(tx, projectId));
    const minutesOf = (some: readonly TimeEntry[]) => some.reduce((sum, { minutes }) => sum + minutes, 0);
    return {
      ...{ currency, hoursMinor, computeMinor, computeSeconds, entries },
      billedMinor: billed,
      marginMinor: billed - hoursMinor - (computeMinor ?? 0n),
      minutes: minutesOf(entries),
      billableMinutes: minutesOf(entries.filter(({ isBillable }) => isBillable)),
    };
  });
}

/** The project's lines are named after it (`lib/milestones.ts`). */
const isOf = (projectId: string) => sql`starts_with(l.key, ${`${projectId}/`})`;
const billedOf = (tx: TenantTx, projectId: string) =>
  billedMinor(tx, sql`i.state <> 'draft' and ${isOf(projectId)}`);

async function creditedOf(tx: TenantTx, projectId: string): Promise<bigint> {
  const [sum] = await tx.query<{ sum: string }>(
    sql`select coalesce(sum(l.amount_minor), 0)::text as sum from credit_note_lines l
      where l.tenant_id = ${tx.tenantId} and ${isOf(projectId)}`,
  );
  return BigInt(sum?.sum ?? 0);
}

/** Seconds of the trainings whose models were handed in for the project's milestones. */
async function computeOf(tx: TenantTx, projectId: string): Promise<number> {
  const [sum] = await tx.query<{ seconds: string }>(
    sql`select coalesce(sum(extract(epoch from j.finished_at - j.started_at)), 0)::bigint::text as seconds
      from jobs j where j.tenant_id = ${tx.tenantId} and j.finished_at is not null and j.id in
        (select m.job_id from models m join acceptance_runs r on r.tenant_id = m.tenant_id and r.model_id = m.id
          join milestones s on s.tenant_id = r.tenant_id and s.id = r.milestone_id
          where m.tenant_id = ${tx.tenantId} and s.project_id = ${projectId})`,
  );
  return Number(sum?.seconds ?? 0);
}
