import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import type { CustomerBilling } from "@/lib/customer-billing";
import { wordsOf } from "@/lib/document-words";
import type { Locale } from "@/lib/locale";
import { Badge } from "./badge";
import { Card } from "./card";
import { DataTable } from "./data-table";

interface Props {
  billing: CustomerBilling;
  /** What makes another one. */
  action?: ReactNode;
  /** What takes one back, where it may be. */
  withdraw?: (id: string) => ReactNode;
}

/** Credits: what is left of each, until when, and which invoices used it. */
export async function Prepaid({ billing: { prepaid, invoices }, action, withdraw }: Props) {
  const [t, locale] = await Promise.all([getTranslations("billing.prepaid"), getLocale()]);
  const { money } = wordsOf(locale as Locale);
  if (prepaid.length === 0 && !action) return null;
  const numberOf = (id: string | null) => invoices.find((one) => one.id === id)?.number ?? "–";
  return (
    <Card title={t("title")} description={t("text")} actions={action} isFlush={prepaid.length > 0}>
      {prepaid.length > 0 && (
        <DataTable
          rowKey="id"
          label={t("title")}
          rows={prepaid.map((one) => ({
            id: one.id,
            reason: one.reason || t("boughtBy", { number: numberOf(one.invoiceId) }),
            state: {
              value: one.liveAt ? 1 : 0,
              node: <Badge tone={one.liveAt ? "good" : "warn"}>{t(one.liveAt ? "counts" : "unpaid")}</Badge>,
            },
            left: { value: Number(one.leftMinor), node: money(one.leftMinor, one.currency) },
            amount: { value: Number(one.amountMinor), node: money(one.amountMinor, one.currency) },
            through: one.throughMonth ?? t("noEnd"),
            uses:
              one.uses
                .map(
                  ({ number, month, amountMinor }) =>
                    `${number ?? month}: ${money(amountMinor, one.currency)}`,
                )
                .join(", ") || "–",
            withdraw: { value: "", node: one.kind === "granted" && one.leftMinor > 0n && withdraw?.(one.id) },
          }))}
          columns={[
            { key: "reason", header: t("reason"), sortable: true },
            { key: "state", header: t("state"), sortable: true },
            { key: "left", header: t("left"), align: "right", sortable: true },
            { key: "amount", header: t("amount"), align: "right", sortable: true },
            { key: "through", header: t("through"), sortable: true },
            { key: "uses", header: t("uses") },
            ...(withdraw
              ? [
                  {
                    key: "withdraw",
                    header: <span className="sr-only">{t("withdraw")}</span>,
                    align: "right" as const,
                  },
                ]
              : []),
          ]}
        />
      )}
    </Card>
  );
}
