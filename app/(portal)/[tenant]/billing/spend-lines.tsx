import { useLocale, useTranslations } from "next-intl";
import { DataTable } from "@/components/data-table";
import { wordsOf } from "@/lib/document-words";
import type { Line } from "@/lib/documents";
import type { Locale } from "@/lib/locale";

/** As the lines of the invoice will be. */
export function SpendLines({ lines, currency }: { lines: readonly Line[]; currency: string }) {
  const t = useTranslations("documents");
  const words = wordsOf(useLocale() as Locale);
  return (
    <DataTable
      rows={lines.map((line) => ({
        key: line.key,
        what: words.line(line.text),
        quantity: { value: Number(line.quantity), node: words.number(line.quantity) },
        unitPrice: line.unitDecimal,
        amount: { value: Number(line.amountMinor), node: words.money(line.amountMinor, currency) },
      }))}
      rowKey="key"
      columns={[
        { key: "what", header: t("description") },
        { key: "quantity", header: t("quantity"), align: "right" },
        { key: "unitPrice", header: t("unitPrice"), align: "right" },
        { key: "amount", header: t("amount"), align: "right" },
      ]}
    />
  );
}
