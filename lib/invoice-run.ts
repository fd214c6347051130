import { tenantsToInvoice } from "@/db/system";
import { forTenant } from "@/db/tenant";
import {
  billedPeriod,
  closePeriods,
  commitmentLines,
  contractsOf,
  openPeriods,
  sheetsById,
} from "./billed-periods";
import { findProfile, taxOf } from "./billing-profiles";
import { creditLines, noteUses } from "./credits";
import type { Line } from "./documents";
import { draftInvoice } from "./invoices";
import { issueOrHold } from "./issue";
import { lateTrainingLines } from "./late-trainings";
import { log } from "./log";
import { linesOf } from "./period-lines";
import { monthName, monthOf, monthStart, runDay } from "./periods";
import { markRetainers, retainersDue } from "./retainers";
import { findSeller, type LegalEntity } from "./seller";
import { lockBilling } from "./subscriptions";

/**
 * The run of a month: every period that ended and was not billed becomes lines of one invoice a tenant. A transaction
 * a tenant, so a run that is broken off goes on where it was, and a second one changes nothing.
 */

export interface RunResult {
  issued: number;
  /** Drafts that somebody has to complete. */
  held: number;
  /** Tenants with nothing to bill. */
  empty: number;
  /** Tenants without a billing profile, or whose run failed: the next run tries again. */
  left: number;
}

/** The run of the month before, from the 4th on; again and again, for it does only what is left. */
export async function runDueInvoices(now = new Date()): Promise<RunResult | null> {
  const month = monthName(new Date(monthStart(now).getTime() - 1));
  return now >= runDay(month) && (await findSeller()) ? runInvoices(month, now) : null;
}

/** While one waits for the database, others compute. */
const AT_ONCE = 4;

export async function runInvoices(month: string, now = new Date()): Promise<RunResult> {
  const result: RunResult = { issued: 0, held: 0, empty: 0, left: 0 };
  if (now < runDay(month))
    throw new RangeError(`usage of ${month} is not closed before ${runDay(month).toISOString()}`);
  const seller = await findSeller();
  if (!seller) throw new Error("there is no legal entity to issue invoices");
  const sheets = await sheetsById();
  const waiting = (await tenantsToInvoice(monthOf(month).endsAt)).values();
  const takeTurns = async () => {
    for (const tenantId of waiting)
      try {
        result[await invoiceTenant(tenantId, { month, seller, sheets, now })]++;
      } catch (error) {
        result.left++;
        log().error({ tenantId, month, error }, "a tenant could not be invoiced");
      }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, takeTurns));
  return result;
}

interface TenantRun {
  month: string;
  seller: LegalEntity;
  sheets: Awaited<ReturnType<typeof sheetsById>>;
  now: Date;
}

const invoiceTenant = (tenantId: string, run: TenantRun): Promise<keyof RunResult> =>
  forTenant(tenantId, async (tx) => {
    await lockBilling(tx);
    const profile = await findProfile(tx);
    if (!profile) return "left";
    const until = monthOf(run.month).endsAt;
    const contracts = await contractsOf(tx, run.sheets);
    const tax = taxOf(profile, run.seller.taxRates);
    const lines: Line[] = [];
    const open = await openPeriods(tx, contracts, until);
    const retainers = await retainersDue(tx, run.month, { currency: profile.currency, tax });
    // Somebody else's run was faster.
    if (open.length === 0 && retainers.length === 0) return "empty";
    for (const period of open) {
      const billed = await billedPeriod(tx, period, contracts);
      lines.push(...linesOf(billed, profile.currency, tax));
      lines.push(...(await lateTrainingLines(tx, period, profile.currency, tax)));
      lines.push(
        ...(await commitmentLines(tx, billed, contracts, { lines, currency: profile.currency, tax })),
      );
    }
    // What a project was quoted at is paid in full; credits are for the use of models.
    const ofCredits = await creditLines(tx, lines, { ...run, currency: profile.currency, tax });
    lines.push(...ofCredits, ...retainers.map(({ line }) => line));
    if (lines.length === 0) {
      await closePeriods(tx, until, { closedAt: run.now });
      return "empty";
    }
    const draft = await draftInvoice(tx, { seller: run.seller, profile, lines, month: run.month });
    await closePeriods(tx, until, { closedAt: run.now, invoiceId: draft.id });
    await markRetainers(tx, retainers, draft.id);
    await noteUses(tx, draft.id, ofCredits);
    const issued = await issueOrHold(tx, draft, { seller: run.seller, profile, now: run.now });
    return issued.number ? "issued" : "held";
  });
