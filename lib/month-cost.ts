import type { TenantTx } from "@/db/tenant";
import { type Contract, contractsOf, type Sheets } from "./billed-periods";
import { sumUp } from "./documents";
import { linesOf } from "./period-lines";
import { monthStart, type Period, periodsOf } from "./periods";
import { type UnitSum, unitsIn } from "./usage-sums";

const NO_TAX = { taxCode: "none", rateBp: 0 };

/** What units of a period come to before tax, by the lines that its invoice will have. */
export function costOf(
  { contract, period }: { contract: Contract; period: Period },
  used: readonly UnitSum[],
  currency: string,
): bigint {
  const billed = { ...period, subscriptionId: contract.id, sheet: contract.sheet, late: [], used };
  return sumUp(linesOf(billed, currency, NO_TAX)).netMinor;
}

/** What a calendar month came to before its running period: a change of plan cuts it. */
export async function costBefore(
  tx: TenantTx,
  sheets: Sheets,
  { startsAt }: Period,
  currency: string,
): Promise<bigint> {
  const month = monthStart(startsAt);
  const earlier = (await contractsOf(tx, sheets)).flatMap((contract) =>
    periodsOf(contract, startsAt)
      .filter((period) => period.startsAt >= month && period.endsAt <= startsAt)
      .map((period) => ({ contract, period })),
  );
  let sum = 0n;
  for (const one of earlier) sum += costOf(one, (await unitsIn(tx, one.period)).own, currency);
  return sum;
}
