import { eq } from "drizzle-orm";
import { billingPeriods, invoices } from "@/db/schema/billing";
import { retainerMonths } from "@/db/schema/projects";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { buyerOf, findProfile } from "./billing-profiles";
import { giveUsesBack } from "./credits";
import { fail } from "./errors";
import { type Invoice, moveInvoice } from "./invoices";
import { issueOrHold } from "./issue";
import { neededSeller } from "./seller";
import { lockBilling } from "./subscriptions";

/** Drafts that a run left for want of something: issued when it is there, or thrown away for the next run to make anew. */

/** Issues a draft to the buyer as the profile has it now; what it lacked then has to be there. */
export async function releaseDraft(
  tenantId: string,
  id: string,
  by: string,
  now = new Date(),
): Promise<Invoice> {
  const seller = await neededSeller();
  return forTenant(tenantId, async (tx) => {
    const draft = await heldDraft(tx, id);
    const profile = await findProfile(tx);
    if (!profile) return fail("state_conflict", "The billing profile is missing.");
    const [renewed] = await tx.update(invoices, { buyer: buyerOf(profile) }, eq(invoices.id, draft.id));
    const issued = await issueOrHold(tx, renewed ?? draft, { seller, profile, now });
    if (!issued.number)
      fail("state_conflict", "The profile asks for a purchase order number, and has none yet.", "poNumber");
    await writeAudit(tx, by, "invoice.released", id, { number: issued.number });
    return issued;
  });
}

/** Throws a month's draft away: its periods are open again, and the next run bills them by what then holds. */
export const discardDraft = (tenantId: string, id: string, by: string): Promise<Invoice> =>
  forTenant(tenantId, async (tx) => {
    const draft = await heldDraft(tx, id);
    if (draft.month === null)
      fail(
        "state_conflict",
        "What a project made due is not made again by a run: release it, or credit it then.",
      );
    await tx.update(billingPeriods, { closedAt: null, invoiceId: null }, eq(billingPeriods.invoiceId, id));
    await tx.remove(retainerMonths, eq(retainerMonths.invoiceId, id));
    await giveUsesBack(tx, id);
    await writeAudit(tx, by, "invoice.discarded", id);
    return moveInvoice(tx, id, "discarded");
  });

async function heldDraft(tx: TenantTx, id: string): Promise<Invoice> {
  await lockBilling(tx);
  const draft = (await tx.one(invoices, eq(invoices.id, id))) ?? fail("not_found");
  if (draft.state !== "draft") fail("state_conflict", `This invoice is ${draft.state}, no draft.`);
  return draft;
}
