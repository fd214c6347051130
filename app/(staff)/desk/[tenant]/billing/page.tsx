import { Receipt } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { getLocale, getTranslations } from "next-intl/server";
import { Alert } from "@/components/alert";
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
import { plansOfCustomer } from "@/lib/customer-plans";
import { wordsOf } from "@/lib/document-words";
import type { Locale } from "@/lib/locale";
import { orNotFound, requireStaff } from "@/lib/page-session";
import { staffMay } from "@/lib/session";
import { customerOf } from "@/lib/staff";
import { GrantCredit } from "./grant-credit";
import { PlanHistory } from "./plan-history";
import { RecordPayment } from "./record-payment";
import { WithdrawCredit } from "./withdraw-credit";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("billing"))("title") };
}

export default async function DeskBillingPage({ params }: { params: Promise<{ tenant: string }> }) {
  const { tenant: slug } = await params;
  const person = await requireStaff("desk.read");
  const { tenantId, name } = await orNotFound(customerOf(person, slug));
  const [billing, profile, plans, t, desk, locale] = await Promise.all([
    customerBilling(tenantId),
    readProfile(tenantId),
    plansOfCustomer(tenantId),
    getTranslations("billing"),
    getTranslations("billing.desk"),
    getLocale(),
  ]);
  const { money } = wordsOf(locale as Locale);
  const { invoices, currency } = billing;
  const figure = (minor: bigint) => (currency ? money(minor, currency) : "–");
  return (
    <>
      <PageHeader
        title={t("title")}
        description={desk("text")}
        crumbs={[{ label: name, href: `/desk/${slug}` }]}
        actions={
          staffMay(person, "billing.write") &&
          currency && (
            <RecordPayment
              slug={slug}
              currency={currency}
              invoices={billing.owed.map(({ id, number }) => ({ id, number: number ?? id }))}
            />
          )
        }
      />
      <div className="grid gap-4">
        {billing.reversals.map(({ id, kind, reference, payment, minor, currency }) => (
          <Alert
            key={id}
            tone="warn"
            title={desk(`reversals.${kind}`, { amount: money(BigInt(minor), currency) })}
          >
            {desk("reversals.text", { payment, reference })}
          </Alert>
        ))}
        <Card>
          <div className="grid grid-cols-2 gap-5 pt-1">
            <Stat label={desk("owed")} value={figure(billing.owedMinor)} />
            <Stat label={desk("balance")} value={figure(billing.balanceMinor)} hint={desk("balanceHint")} />
          </div>
        </Card>
        <PlanHistory slug={slug} plans={plans} mayChange={staffMay(person, "billing.write")} />
        <Card title={t("invoices")} isFlush>
          <DataTable
            rowKey="id"
            label={t("invoices")}
            search={invoices.length > 5}
            rows={invoices.map((one) => ({
              id: one.id,
              number: {
                value: one.number ?? "",
                node: (
                  <Link
                    className="text-accent font-medium hover:underline"
                    href={`/desk/${slug}/billing/${one.id}`}
                  >
                    {one.number ?? t("draft")}
                  </Link>
                ),
              },
              month: one.month ?? "–",
              state: { value: one.standing, node: <InvoiceState standing={one.standing} /> },
              dueOn: one.dueOn ?? (one.heldBecause ? t(`held.${one.heldBecause}`) : "–"),
              total: { value: Number(one.totalMinor), node: money(one.totalMinor, one.currency) },
              open: { value: Number(one.openMinor), node: money(one.openMinor, one.currency) },
            }))}
            columns={[
              { key: "number", header: t("number"), sortable: true },
              { key: "month", header: t("month"), sortable: true },
              { key: "state", header: t("state"), sortable: true },
              { key: "dueOn", header: t("dueOn"), sortable: true },
              { key: "total", header: t("total"), align: "right", sortable: true },
              { key: "open", header: t("open"), align: "right", sortable: true },
            ]}
            empty={<EmptyState icon={<Receipt />} title={t("noInvoices")} text={t("noInvoicesText")} />}
          />
        </Card>
        <Prepaid
          billing={billing}
          action={
            profile &&
            staffMay(person, "billing.write") && <GrantCredit slug={slug} currency={profile.currency} />
          }
          {...(staffMay(person, "billing.write")
            ? { withdraw: (id: string) => <WithdrawCredit key={id} slug={slug} id={id} /> }
            : {})}
        />
        <CreditNotes billing={billing} pdfOf={(id) => `/api/desk/customers/${slug}/credit-notes/${id}/pdf`} />
      </div>
    </>
  );
}
