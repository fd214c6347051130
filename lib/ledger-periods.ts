import { and, asc, eq, gte, isNotNull, lte, type SQL } from "drizzle-orm";
import { billingPeriods, invoices } from "@/db/schema/billing";
import { forTenant } from "@/db/tenant";
import { contractsOf, sheetsById } from "./billed-periods";
import { linesOfInvoice } from "./invoices";
import { decimalOf, minorDigits } from "./money";

/**
 * Billed periods beside the usage that they were computed from: the prices that held, and what the invoice says. With them
 * `clients/verify-usage.mjs` computes every line again, with nothing of this code.
 */
export async function billedPeriodsToWire(tenantId: string, from: string, to: string) {
  const sheets = await sheetsById();
  return forTenant(tenantId, async (tx) => {
    const contracts = await contractsOf(tx, sheets);
    const isWithin = and(
      isNotNull(billingPeriods.invoiceId),
      gte(billingPeriods.startsAt, new Date(`${from}T00:00:00Z`)),
      lte(billingPeriods.endsAt, new Date(`${to}T00:00:00Z`)),
    ) as SQL;
    const periods = await tx.select(billingPeriods, isWithin, { orderBy: asc(billingPeriods.startsAt) });
    const found = [];
    for (const { subscriptionId, startsAt, endsAt, invoiceId } of periods) {
      const contract = contracts.find(({ id }) => id === subscriptionId);
      const invoice = invoiceId && (await tx.one(invoices, eq(invoices.id, invoiceId)));
      if (!contract || !invoice) continue;
      const { id, number, currency } = invoice;
      const about = `${subscriptionId}/${startsAt.toISOString()}/`;
      found.push({
        object: "billing.period" as const,
        invoice: number,
        currency,
        minor_digits: minorDigits(currency),
        from: startsAt.toISOString(),
        to: endsAt.toISOString(),
        prices: contract.sheet,
        lines: (await linesOfInvoice(tx, id)).flatMap(({ key, quantity, amountMinor }) =>
          key.startsWith(about)
            ? [
                {
                  key: key.slice(about.length),
                  quantity: quantity.toString(),
                  amount: decimalOf(amountMinor, currency),
                },
              ]
            : [],
        ),
      });
    }
    return found;
  });
}
