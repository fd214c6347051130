import { forTenant } from "@/db/tenant";
import { type Contract, contractsOf, sheetsById } from "./billed-periods";
import { findProfile } from "./billing-profiles";
import { listPlans, type PricedPlan } from "./plans";

/** Which plans a customer is, was and will be on, and which there are: for the desk. */

interface CustomerPlan extends Contract {
  name: string;
}
export interface CustomerPlans {
  /** Null without a billing profile: then nobody can be put on a plan. */
  currency: string | null;
  current: CustomerPlan | null;
  /** Newest first, with what is yet to begin. */
  all: CustomerPlan[];
  /** Plans with prices in the currency, hidden ones too. */
  offered: PricedPlan[];
}

export async function plansOfCustomer(tenantId: string, now = new Date()): Promise<CustomerPlans> {
  const [sheets, plans] = await Promise.all([sheetsById(), listPlans(now)]);
  return forTenant(tenantId, async (tx) => {
    const currency = (await findProfile(tx))?.currency ?? null;
    const all = (await contractsOf(tx, sheets)).map((contract) => ({
      ...contract,
      name: plans.find(({ id }) => id === contract.planId)?.name ?? contract.planId,
    }));
    return {
      currency,
      all: all.toReversed(),
      current:
        all.find(({ startsAt, endsAt }) => startsAt <= now && (endsAt === null || endsAt > now)) ?? null,
      offered: plans.filter(({ sheets: own }) => own.some((sheet) => sheet.currency === currency)),
    };
  });
}
