import { and, asc, eq, gte, isNotNull, lte, type SQL } from "drizzle-orm";
import { billingPeriods, invoices } from "@/db/schema/billing";
import { forTenant } from "@/db/tenant";
import { contractsOf, sheetsById } from "./billed-periods";
import { findProfile } from "./billing-profiles";
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
    const profile = await findProfile(tx);
    if (!profile) return [];
    const isWithin = and(
      isNotNull(billingPeriods.closedAt),
      gte(billingPeriods.startsAt, new Date(`${from}T00:00:00Z`)),
      lte(billingPeriods.endsAt, new Date(`${to}T00:00:00Z`)),
    ) as SQL;
    const periods = await tx.select(billingPeriods, isWithin, { orderBy: asc(billingPeriods.startsAt) });
    const found = [];
    for (const { subscriptionId, startsAt, endsAt, invoiceId } of periods) {
      const contract = contracts.find(({ id }) => id === subscriptionId);
      if (!contract) continue;
      const invoice = invoiceId ? await tx.one(invoices, eq(invoices.id, invoiceId)) : null;
      const lines = invoice ? await linesOfInvoice(tx, invoice.id) : [];
      const isEndIn = (end: string) => new Date(end) > startsAt && new Date(end) <= endsAt;
      const currency = invoice?.currency ?? profile.currency;
      const about = `${subscriptionId}/${startsAt.toISOString()}/`;
      const commitment = `${subscriptionId}/commitment/`;
      found.push({
        object: "billing.period" as const,
        subscription: subscriptionId,
        invoice: invoice?.number ?? null,
        currency,
        minor_digits: minorDigits(currency),
        from: startsAt.toISOString(),
        to: endsAt.toISOString(),
        prices: contract.sheet,
        lines: lines.flatMap(({ key, text, quantity, amountMinor }) => {
          // A commitment is made up with the period in which its term ends.
          const isTermEnd =
            key.startsWith(commitment) && text.values.to !== undefined && isEndIn(text.values.to);
          if (!key.startsWith(about) && !isTermEnd) return [];
          const name = key.slice(isTermEnd ? subscriptionId.length + 1 : about.length);
          return [{ key: name, quantity: quantity.toString(), amount: decimalOf(amountMinor, currency) }];
        }),
        // Of the whole invoice, which may bill other periods too.
        credits: lines
          .filter(({ text }) => text.is === "credit")
          .map(({ key, text, amountMinor }) => ({
            ...{ key, reason: text.values.reason ?? "", amount: decimalOf(amountMinor, currency) },
          })),
      });
    }
    return found;
  });
}
