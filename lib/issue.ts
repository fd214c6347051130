import { eq } from "drizzle-orm";
import { invoices } from "@/db/schema/billing";
import type { TenantTx } from "@/db/tenant";
import type { Profile } from "./billing-profiles";
import { mailInvoice } from "./document-mails";
import { type Invoice, issueInvoice } from "./invoices";
import type { LegalEntity } from "./seller";
import { settleWithBalance } from "./settlements";
import { emitEvent } from "./webhook-events";

/** Issues a draft and settles it with what the buyer has a balance of; one that lacks something waits and says what. */
export async function issueOrHold(
  tx: TenantTx,
  draft: Invoice,
  { seller, profile, now }: { seller: LegalEntity; profile: Profile; now: Date },
): Promise<Invoice> {
  if (profile.isPoRequired && !profile.poNumber) {
    const [held] = await tx.update(invoices, { heldBecause: "po_missing" }, eq(invoices.id, draft.id));
    return held ?? draft;
  }
  const issued = await issueInvoice(tx, draft, { seller, termsDays: profile.termsDays, now });
  await settleWithBalance(tx, issued.id);
  await mailInvoice(tx, issued, "invoice");
  await emitEvent(tx, "invoice.issued", { id: issued.id });
  return issued;
}
