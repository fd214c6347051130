import { Receipt } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { getFormatter, getLocale, getTranslations } from "next-intl/server";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { CreditNotes } from "@/components/credit-notes";
import { DataTable } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { InvoiceState } from "@/components/invoice-state";
import { PageHeader } from "@/components/page-header";
import { Prepaid } from "@/components/prepaid";
import { Stat } from "@/components/stat";
import { readProfile } from "@/lib/billing-profiles";
import { customerBilling } from "@/lib/customer-billing";
import { wordsOf } from "@/lib/document-words";
import type { Locale } from "@/lib/locale";
import { requireMember } from "@/lib/page-session";
import { monthStart, nextMonth } from "@/lib/periods";
import { offeredPlans } from "@/lib/plan-choice";
import { currentSpend } from "@/lib/spend";
import { takesCards } from "@/lib/stripe";
import { BuyCredit } from "./buy-credit";
import { FreeCard } from "./free-card";
import { LimitCard } from "./limit-card";
import { PayButton } from "./pay-button";
import { PlanCard } from "./plan-card";
import { ProfileForm } from "./profile-form";
import { RowLimitsCard } from "./row-limits-card";
import { SpendLines } from "./spend-lines";

interface Props {
  params: Promise<{ tenant: string }>;
  searchParams: Promise<{ paid?: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("billing"))("title") };
}

/** Sealed usage of this month and the one before. */
function ledgerOf(slug: string): string {
  const now = monthStart(new Date());
  const [from, to] = [monthStart(new Date(now.getTime() - 1)), nextMonth(now)].map((at) =>
    at.toISOString().slice(0, 10),
  );
  return `/v1/usage/ledger?from=${from}&to=${to}&graft_tenant=${slug}`;
}

export default async function BillingPage({ params, searchParams }: Props) {
  const [{ tenant: slug }, { paid }] = await Promise.all([params, searchParams]);
  const { actor } = await requireMember(slug, "billing.read");
  const [spend, billing, profile, plans, t, format, locale] = await Promise.all([
    currentSpend(actor.tenantId),
    customerBilling(actor.tenantId),
    readProfile(actor.tenantId),
    offeredPlans(actor.tenantId),
    getTranslations("billing"),
    getFormatter(),
    getLocale(),
  ]);
  const { money } = wordsOf(locale as Locale);
  const day = (at: Date) => format.dateTime(at, { dateStyle: "medium" });
  const file = (id: string, kind: "pdf" | "csv") => `/api/invoices/${id}/${kind}?graft_tenant=${slug}`;
  const shown = billing.invoices;
  const canPay = takesCards() && actor.permissions.has("billing.manage");
  return (
    <>
      <PageHeader title={t("title")} description={t("text")} />
      <div className="grid gap-4">
        {paid && <Alert title={t("card.thanks")}>{t("card.thanksText")}</Alert>}
        {spend === null ? (
          <Card>
            <EmptyState
              icon={<Receipt />}
              title={t("noPlan")}
              text={t("noPlanText")}
              action={
                <Button asChild variant="secondary">
                  <Link href="/pricing">{t("seePrices")}</Link>
                </Button>
              }
            />
          </Card>
        ) : (
          <Card
            title={t("now", { from: day(spend.startsAt), to: day(spend.endsAt) })}
            description={t("nowText")}
          >
            <div className="grid grid-cols-2 gap-5 pt-1 sm:grid-cols-3">
              <Stat label={t("plan")} value={spend.plan} />
              <Stat label={t("soFar")} value={money(spend.netMinor, spend.currency)} hint={t("beforeTax")} />
              <Stat
                label={t("forecast")}
                value={spend.forecastMinor === null ? "–" : money(spend.forecastMinor, spend.currency)}
                hint={spend.forecastMinor === null ? t("tooEarly") : t("forecastHint")}
              />
              {spend.monthMinor !== spend.netMinor && (
                <Stat
                  label={t("wholeMonth")}
                  value={money(spend.monthMinor, spend.currency)}
                  hint={t("wholeMonthHint")}
                />
              )}
            </div>
            <Link className="link mt-3 inline-block text-sm" href={`/${slug}/usage`}>
              {t("free.see")}
            </Link>
            <div className="-mx-4 mt-4 -mb-4 border-t sm:-mx-5 sm:-mb-5">
              <SpendLines lines={spend.lines} currency={spend.currency} />
            </div>
          </Card>
        )}
        {profile && (
          <PlanCard
            slug={slug}
            plans={plans}
            current={spend?.sheet ?? null}
            currency={profile.currency}
            canChoose={actor.permissions.has("billing.manage")}
          />
        )}
        <LimitCard
          tenantId={actor.tenantId}
          slug={slug}
          currency={profile?.currency ?? null}
          spentMinor={spend?.monthMinor ?? null}
          canChange={actor.permissions.has("billing.manage")}
        />
        <FreeCard tenantId={actor.tenantId} slug={slug} />
        <RowLimitsCard
          tenantId={actor.tenantId}
          slug={slug}
          canChange={actor.permissions.has("billing.manage")}
        />
        <Card title={t("invoices")} description={t("invoicesText")} isFlush>
          <DataTable
            rows={shown.map((one) => ({
              id: one.id,
              number: { value: one.number ?? "", node: one.number ?? t("draft") },
              month: one.month ?? "–",
              state: { value: one.standing, node: <InvoiceState standing={one.standing} /> },
              dueOn: one.dueOn ?? (one.heldBecause ? t(`held.${one.heldBecause}`) : "–"),
              total: { value: Number(one.totalMinor), node: money(one.totalMinor, one.currency) },
              open: { value: Number(one.openMinor), node: money(one.openMinor, one.currency) },
              files: {
                value: "",
                node: (
                  <span className="flex items-center justify-end gap-3">
                    {canPay && one.number && one.openMinor > 0n && (
                      <PayButton slug={slug} invoiceId={one.id} number={one.number} />
                    )}
                    {(["pdf", "csv"] as const).map((kind) => (
                      <a key={kind} className="link uppercase" href={file(one.id, kind)}>
                        {kind}
                        <span className="sr-only"> {one.number}</span>
                      </a>
                    ))}
                  </span>
                ),
              },
            }))}
            rowKey="id"
            label={t("invoices")}
            search={shown.length > 5}
            columns={[
              { key: "number", header: t("number"), sortable: true },
              { key: "month", header: t("month"), sortable: true },
              { key: "state", header: t("state"), sortable: true },
              { key: "dueOn", header: t("dueOn"), sortable: true },
              { key: "total", header: t("total"), align: "right", sortable: true },
              { key: "open", header: t("open"), align: "right", sortable: true },
              { key: "files", header: t("files"), align: "right" },
            ]}
            empty={<EmptyState icon={<Receipt />} title={t("noInvoices")} text={t("noInvoicesText")} />}
          />
        </Card>
        <Prepaid
          billing={billing}
          action={
            profile &&
            spend &&
            actor.permissions.has("billing.manage") && <BuyCredit slug={slug} currency={profile.currency} />
          }
        />
        <CreditNotes billing={billing} pdfOf={(id) => `/api/credit-notes/${id}/pdf?graft_tenant=${slug}`} />
        {actor.permissions.has("billing.manage") && (
          <Card title={t("profile.title")} description={t("profile.text")}>
            <ProfileForm slug={slug} profile={profile} />
          </Card>
        )}
        <Card title={t("proof.title")} description={t("proof.text")}>
          <p className="text-ink-2 max-w-prose text-sm">{t("proof.how")}</p>
          <Button asChild variant="secondary" className="mt-3">
            <a href={ledgerOf(slug)}>{t("proof.download")}</a>
          </Button>
        </Card>
      </div>
    </>
  );
}
