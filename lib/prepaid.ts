import { eq } from "drizzle-orm";
import { credits } from "@/db/schema/billing";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { findProfile, type Profile, taxOf } from "./billing-profiles";
import { type Credit, creditViews } from "./credits";
import type { Line } from "./documents";
import { fail } from "./errors";
import { createId } from "./id";
import { draftInvoice, type Invoice } from "./invoices";
import { issueOrHold } from "./issue";
import { neededSeller } from "./seller";
import { lockBilling } from "./subscriptions";

/** How credits come to be: staff grant them, customers buy them. What they do is `credits.ts`. */

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

const checkMonth = (throughMonth: string | null) => {
  if (throughMonth !== null && !MONTH.test(throughMonth))
    fail("invalid_request", "`throughMonth`: write a month as 2026-03.", "throughMonth");
};

const neededProfile = async (tx: TenantTx): Promise<Profile> =>
  (await findProfile(tx)) ??
  fail("state_conflict", "Fill in the billing profile first; it names the currency.");

export interface Grant {
  amountMinor: bigint;
  reason: string;
  throughMonth: string | null;
}

/** Counts at once, for the month that is billed next too. */
export async function grantCredit(
  tenantId: string,
  grant: Grant,
  by: string,
  now = new Date(),
): Promise<Credit> {
  if (grant.amountMinor <= 0n) fail("invalid_request", "`amount`: a credit is more than nothing.", "amount");
  checkMonth(grant.throughMonth);
  return forTenant(tenantId, async (tx) => {
    await lockBilling(tx);
    const { currency } = await neededProfile(tx);
    const [made] = await tx.insert(credits, {
      ...grant,
      ...{ id: createId("credit"), kind: "granted" as const, currency, liveAt: now, createdBy: by },
    });
    await writeAudit(tx, by, "credit.granted", made?.id ?? "", {
      amount: String(grant.amountMinor),
      reason: grant.reason,
    });
    return made ?? fail("internal_error");
  });
}

/** Sold by an invoice of its own, and live when that is paid. */
export async function buyCredit(
  tenantId: string,
  amountMinor: bigint,
  by: string,
  now = new Date(),
): Promise<{ credit: Credit; invoice: Invoice }> {
  if (amountMinor <= 0n) fail("invalid_request", "`amount`: a credit is more than nothing.", "amount");
  const seller = await neededSeller();
  return forTenant(tenantId, async (tx) => {
    await lockBilling(tx);
    const profile = await neededProfile(tx);
    const id = createId("credit");
    const line: Line = {
      key: `prepaid/${id}`,
      text: { is: "prepaid", values: {} },
      ...{ quantity: 1n, unitDecimal: "", amountMinor },
      ...taxOf(profile, seller.taxRates),
    };
    const draft = await draftInvoice(tx, { seller, profile, lines: [line], month: null });
    const [credit] = await tx.insert(credits, {
      ...{ id, kind: "bought" as const, reason: "", currency: profile.currency, amountMinor },
      ...{ invoiceId: draft.id, createdBy: by },
    });
    await writeAudit(tx, by, "credit.bought", id, { amount: String(amountMinor) });
    // A balance that there is may pay it at once.
    const invoice = await issueOrHold(tx, draft, { seller, profile, now });
    return { credit: credit ?? fail("internal_error"), invoice };
  });
}

/** What is left of a granted credit is no more; what was used stays. A bought one goes by a credit note on its sale. */
export const withdrawCredit = (tenantId: string, id: string, by: string): Promise<void> =>
  forTenant(tenantId, async (tx) => {
    await lockBilling(tx);
    const credit = (await creditViews(tx)).find((one) => one.id === id);
    if (!credit) return fail("not_found");
    if (credit.kind === "bought")
      fail("state_conflict", "It was bought: write a credit note on the invoice that sold it.");
    await tx.update(credits, { amountMinor: credit.amountMinor - credit.leftMinor }, eq(credits.id, id));
    await writeAudit(tx, by, "credit.withdrawn", id, { amount: String(credit.leftMinor) });
  });
