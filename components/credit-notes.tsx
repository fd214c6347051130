import { getLocale, getTranslations } from "next-intl/server";
import type { CustomerBilling } from "@/lib/customer-billing";
import { wordsOf } from "@/lib/document-words";
import type { Locale } from "@/lib/locale";
import { Card } from "./card";
import { DataTable } from "./data-table";

interface Props {
  billing: CustomerBilling;
  /** Where the file of a credit note is. */
  pdfOf: (id: string) => string;
}

/** What was credited, and of which invoice; nothing where nothing was. */
export async function CreditNotes({ billing, pdfOf }: Props) {
  const { creditNotes, invoices } = billing;
  const [t, locale] = await Promise.all([getTranslations("billing.credits"), getLocale()]);
  const { money } = wordsOf(locale as Locale);
  if (creditNotes.length === 0) return null;
  return (
    <Card title={t("title")} description={t("text")} isFlush>
      <DataTable
        rowKey="id"
        label={t("title")}
        rows={creditNotes.map(({ id, number, invoiceId, reason, issuedAt, totalMinor, currency }) => ({
          ...{ id, number, reason },
          invoice: invoices.find((one) => one.id === invoiceId)?.number ?? "–",
          issued: issuedAt.toISOString().slice(0, 10),
          total: { value: Number(totalMinor), node: money(totalMinor, currency) },
          file: {
            value: "",
            node: (
              <a className="link" href={pdfOf(id)}>
                PDF<span className="sr-only"> {number}</span>
              </a>
            ),
          },
        }))}
        columns={[
          { key: "number", header: t("number"), sortable: true },
          { key: "invoice", header: t("invoice"), sortable: true },
          { key: "issued", header: t("issued"), sortable: true },
          { key: "reason", header: t("reason") },
          { key: "total", header: t("total"), align: "right", sortable: true },
          { key: "file", header: t("file"), align: "right" },
        ]}
      />
    </Card>
  );
}
