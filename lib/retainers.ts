import { sql } from "drizzle-orm";
import { retainerMonths } from "@/db/schema/projects";
import type { TenantTx } from "@/db/tenant";
import type { Line } from "./documents";
import { price, times, toMinor } from "./money";
import { monthName, monthOf, type Period, periodsOf, shareOfMonth } from "./periods";

/**
 * Maintenance that a signed quote promises: a monthly line from the day on which its milestone was accepted (without one,
 * from the signature) until the project ends. A month that is begun or ended in the middle costs its share of seconds.
 */
type Retainer = {
  projectId: string;
  key: string;
  title: string;
  quantity: string;
  unitDecimal: string;
  discountBp: number;
  startsAt: string;
  endsAt: string | null;
};

export interface RetainerMonth {
  projectId: string;
  key: string;
  month: string;
  line: Line;
}

const retainersOf = (tx: TenantTx): Promise<Retainer[]> =>
  tx.query<Retainer>(sql`
    select p.id as "projectId", l.key, l.title, l.quantity::text, l.unit_decimal as "unitDecimal",
      l.discount_bp as "discountBp", coalesce(m.decided_at, q.decided_at) as "startsAt", p.ended_at as "endsAt"
    from projects p join quotes q on q.tenant_id = p.tenant_id and q.project_id = p.id and q.state = 'accepted'
    join quote_lines l on l.tenant_id = q.tenant_id and l.quote_id = q.id and l.kind = 'retainer'
    left join milestones m on m.tenant_id = q.tenant_id and m.project_id = p.id and m.key = l.milestone_key
    where p.tenant_id = ${tx.tenantId}
      and (l.milestone_key is null or m.state in ('accepted', 'waived', 'invoiced'))
    order by p.id, l.place`);

/** What no invoice has yet, of months that are over by the end of this one. */
export async function retainersDue(
  tx: TenantTx,
  month: string,
  { currency, tax }: { currency: string; tax: Pick<Line, "taxCode" | "rateBp"> },
): Promise<RetainerMonth[]> {
  const done = new Set(
    (await tx.select(retainerMonths)).map(({ projectId, key, month }) => `${projectId}/${key}/${month}`),
  );
  const dateOf = (text: string | null) => (text === null ? null : new Date(text));
  return (await retainersOf(tx)).flatMap(({ startsAt, endsAt, ...retainer }) =>
    periodsOf({ startsAt: new Date(startsAt), endsAt: dateOf(endsAt) }, monthOf(month).endsAt)
      .map((period) => monthOfRetainer(retainer, period, currency, tax))
      .filter(({ line }) => !done.has(line.key)),
  );
}

function monthOfRetainer(
  { projectId, key, title, quantity, unitDecimal, discountBp }: Omit<Retainer, "startsAt" | "endsAt">,
  period: Period,
  currency: string,
  tax: Pick<Line, "taxCode" | "rateBp">,
): RetainerMonth {
  const month = monthName(period.startsAt);
  const { part, whole } = shareOfMonth(period);
  const full = times(price(unitDecimal), BigInt(quantity));
  const amount = times(full, part * BigInt(10_000 - discountBp), whole * 10_000n);
  const time = { from: period.startsAt.toISOString(), to: period.endsAt.toISOString() };
  return {
    ...{ projectId, key, month },
    line: {
      key: `${projectId}/${key}/${month}`,
      text: { is: "retainer", values: { title, ...time } },
      quantity: BigInt(quantity),
      unitDecimal,
      amountMinor: toMinor(amount, currency),
      ...tax,
    },
  };
}

/** No run bills these months again. */
export const markRetainers = (tx: TenantTx, due: readonly RetainerMonth[], invoiceId: string) =>
  due.length === 0
    ? []
    : tx.insert(
        retainerMonths,
        due.map(({ projectId, key, month }) => ({ projectId, key, month, invoiceId })),
      );
