import { sql } from "drizzle-orm";
import type { TenantTx } from "@/db/tenant";
import type { CreditNote } from "./credit-notes";
import type { Buyer } from "./documents";
import type { Invoice } from "./invoices";
import type { DunningMail } from "./mail-texts";
import { writeMail } from "./mails";

/** Documents go to whom they say that they go to; the worker's sweep hands the mails over. */

export async function mailInvoice(
  tx: TenantTx,
  { id, number, buyer }: Invoice,
  kind: "invoice" | DunningMail,
): Promise<void> {
  if (number) await mailTo(tx, buyer, { kind, invoice: { tenantId: tx.tenantId, id, number } });
}

export const mailCreditNote = (tx: TenantTx, { id, number, buyer }: CreditNote): Promise<void> =>
  mailTo(tx, buyer, { kind: "credit_note", creditNote: { tenantId: tx.tenantId, id, number } });

type Attached = Pick<Parameters<typeof writeMail>[1], "kind" | "invoice" | "creditNote">;
async function mailTo(tx: TenantTx, { emails, locale, legalName }: Buyer, mail: Attached): Promise<void> {
  const [tenant] = await tx.query<{ slug: string }>(sql`select slug from tenants where id = ${tx.tenantId}`);
  if (!tenant) return;
  const path = `/${tenant.slug}/billing`;
  for (const to of emails) await writeMail(tx, { to, locale, organisation: legalName, path, ...mail });
}
