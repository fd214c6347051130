import type { Metadata } from "next";
import { getLocale, getTranslations } from "next-intl/server";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { InvoiceState } from "@/components/invoice-state";
import { PageHeader } from "@/components/page-header";
import { invoiceView } from "@/lib/customer-billing";
import { wordsOf } from "@/lib/document-words";
import type { Locale } from "@/lib/locale";
import { decimalOf } from "@/lib/money";
import { orNotFound, requireStaff } from "@/lib/page-session";
import { staffMay } from "@/lib/session";
import { customerOf } from "@/lib/staff";
import { CreditForm } from "./credit-form";
import { DraftActions } from "./draft-actions";

interface Props {
  params: Promise<{ tenant: string; invoice: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("billing.desk"))("invoice") };
}

export default async function DeskInvoicePage({ params }: Props) {
  const { tenant: slug, invoice: id } = await params;
  const person = await requireStaff("desk.read");
  const { tenantId, name } = await orNotFound(customerOf(person, slug));
  const [{ invoice, lines }, t, locale] = await Promise.all([
    orNotFound(invoiceView(tenantId, id)),
    getTranslations("billing"),
    getLocale(),
  ]);
  const words = wordsOf(locale as Locale);
  const { currency } = invoice;
  return (
    <>
      <PageHeader
        title={invoice.number ?? t("draft")}
        description={
          invoice.number
            ? t("openOf", {
                open: words.money(invoice.openMinor, currency),
                total: words.money(invoice.totalMinor, currency),
              })
            : words.money(invoice.totalMinor, currency)
        }
        crumbs={[
          { label: name, href: `/desk/${slug}` },
          { label: t("title"), href: `/desk/${slug}/billing` },
        ]}
        actions={
          <>
            <InvoiceState standing={invoice.standing} />
            {invoice.state === "draft" && staffMay(person, "billing.write") && (
              <DraftActions slug={slug} invoiceId={id} isMonthly={invoice.month !== null} />
            )}
            <Button asChild variant="secondary">
              <a href={`/api/desk/customers/${slug}/invoices/${id}/pdf`}>PDF</a>
            </Button>
          </>
        }
      />
      <Card title={t("desk.lines")} isFlush>
        <CreditForm
          slug={slug}
          invoiceId={id}
          back={`/desk/${slug}/billing`}
          lines={lines.map((line) => ({
            key: line.key,
            text: words.line(line.text),
            amount: words.money(line.amountMinor, currency),
            left: line.leftMinor < 0n ? null : decimalOf(line.leftMinor, currency),
          }))}
          mayCredit={invoice.number !== null && staffMay(person, "billing.write")}
        />
      </Card>
    </>
  );
}
