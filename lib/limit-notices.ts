import { sql } from "drizzle-orm";
import { budgets, limitNotices, rowLimits } from "@/db/schema/billing";
import { tenantsWithLimits } from "@/db/system";
import { forTenant, type TenantTx } from "@/db/tenant";
import { currentPeriod, type Sheets, sheetsById } from "./billed-periods";
import { findProfile } from "./billing-profiles";
import { type Limited, TENANT } from "./budgets";
import { log } from "./log";
import { writeMail } from "./mails";
import { emailsOf } from "./members";
import { costBefore, costOf } from "./month-cost";
import { monthName } from "./periods";
import { rowsOf } from "./row-limits";
import { unitsIn } from "./usage-sums";
import { emitEvent } from "./webhook-events";

/**
 * People are told once a month that a limit is near or reached: who gets the invoices, and the owners. From what is
 * recorded, by the worker, so minutes may lie between.
 */
export async function noticeLimits(now = new Date()): Promise<void> {
  const sheets = await sheetsById();
  for (const tenantId of await tenantsWithLimits())
    await forTenant(tenantId, (tx) => noticeTenant(tx, sheets, now)).catch((error: Error) =>
      log().warn({ tenantId, error: error.message }, "limits are looked at again shortly"),
    );
}

interface Standing extends Limited {
  used: bigint;
  soft: bigint | null;
  hard: bigint | null;
}

async function noticeTenant(tx: TenantTx, sheets: Sheets, now: Date): Promise<void> {
  for (const { scope, subject, used, soft, hard } of await standings(tx, sheets, now)) {
    // The next unit would pass it: what is left of a limit may be less than one costs.
    if (hard !== null && used >= hard) await tell(tx, { scope, subject }, "hard", now);
    else if (soft !== null && used >= soft) await tell(tx, { scope, subject }, "soft", now);
  }
}

async function standings(tx: TenantTx, sheets: Sheets, now: Date): Promise<Standing[]> {
  const found: Standing[] = [];
  const [budget] = await tx.select(budgets);
  const [profile, current] = [await findProfile(tx), await currentPeriod(tx, sheets, now)];
  if (budget && profile && current) {
    const { own } = await unitsIn(tx, current.period);
    const before = await costBefore(tx, sheets, current.period, profile.currency);
    const used = before + costOf(current, own, profile.currency);
    found.push({ ...TENANT, used, soft: budget.softMinor, hard: budget.hardMinor });
  }
  for (const limit of await tx.select(rowLimits)) {
    const used = await rowsOf(tx, limit, now);
    found.push({
      scope: limit.scope,
      subject: limit.subject,
      used,
      soft: limit.softRows,
      hard: limit.hardRows,
    });
  }
  return found;
}

/** In the transaction of the note that it was said: a worker that is killed, or two at once, say it once. */
async function tell(
  tx: TenantTx,
  { scope, subject }: Limited,
  kind: "soft" | "hard",
  now: Date,
): Promise<void> {
  const note = { month: monthName(now), scope, subject, kind };
  const [isNew] = await tx.insertNew(limitNotices, note);
  if (!isNew) return;
  await emitEvent(tx, "usage.threshold_reached", { id: subject || tx.tenantId, scope, kind });
  const profile = await findProfile(tx);
  const [tenant] = await tx.query<{ slug: string; name: string }>(
    sql`select slug, name from tenants where id = ${tx.tenantId}`,
  );
  if (!tenant) return;
  const to = new Set([...(profile?.emails ?? []), ...(await emailsOf(tx, "owner"))]);
  for (const address of to)
    await writeMail(tx, {
      to: address,
      kind: kind === "soft" ? "limit_near" : "limit_reached",
      locale: profile?.locale ?? "en",
      organisation: tenant.name,
      path: `/${tenant.slug}/billing`,
    });
}
