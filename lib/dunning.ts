import { eq } from "drizzle-orm";
import { invoices } from "@/db/schema/billing";
import { overdueInvoices } from "@/db/system";
import { forTenant } from "@/db/tenant";
import { writeAudit } from "./audit";
import { mailInvoice } from "./document-mails";
import { dayIn } from "./invoices";
import { log } from "./log";
import type { DunningMail } from "./mail-texts";
import { findSeller } from "./seller";
import { pauseTrainings, refuseCalls } from "./standing";
import { lockBilling } from "./subscriptions";

/**
 * What happens when an invoice is not paid: days after it was due, each step with a mail and a line in the customer's log.
 * Steps come one after the other with their days between them, also when the worker was away for a month.
 */
export const STEPS: readonly { days: number; mail: DunningMail }[] = [
  { days: 3, mail: "reminder" },
  { days: 10, mail: "reminder" },
  { days: 14, mail: "trainings_paused" },
  { days: 21, mail: "last_notice" },
  { days: 28, mail: "calls_refused" },
];
const DAY_MS = 86_400_000;
const daysFrom = (day: string, today: string) => (Date.parse(today) - Date.parse(day)) / DAY_MS;

/** By the seller's days, for every customer or for one. */
export async function runDunning(now = new Date(), only?: string): Promise<void> {
  const seller = await findSeller();
  if (!seller) return;
  const today = dayIn(seller.timeZone, now, 0);
  const overdue = await overdueInvoices(today);
  for (const { tenant_id: tenantId, id } of overdue.filter((one) => !only || one.tenant_id === only))
    await takeStep(tenantId, id, today).catch((error: Error) =>
      log().warn({ tenantId, invoice: id, error: error.message }, "left for the next run"),
    );
}

const takeStep = (tenantId: string, id: string, today: string): Promise<void> =>
  forTenant(tenantId, async (tx) => {
    await lockBilling(tx);
    const invoice = await tx.one(invoices, eq(invoices.id, id));
    if (!invoice?.dueOn || !["issued", "part_paid"].includes(invoice.state)) return;
    const { dunningStep, dunnedOn, dueOn } = invoice;
    const [next, before] = [STEPS[dunningStep], STEPS[dunningStep - 1]];
    if (!next || daysFrom(dueOn, today) < next.days) return;
    if (dunnedOn && before && daysFrom(dunnedOn, today) < next.days - before.days) return;
    await tx.update(invoices, { dunningStep: dunningStep + 1, dunnedOn: today }, eq(invoices.id, id));
    if (next.mail === "trainings_paused") await pauseTrainings(tx);
    if (next.mail === "calls_refused") await refuseCalls(tx);
    await mailInvoice(tx, invoice, next.mail);
    await writeAudit(tx, "system", "invoice.dunned", id, { step: dunningStep + 1, number: invoice.number });
  });
