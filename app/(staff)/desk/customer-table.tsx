"use client";
import { BriefcaseBusiness } from "lucide-react";
import { useTranslations } from "next-intl";
import { DataTable } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { type Customer, useCustomerColumns, useCustomerRow } from "../customer-rows";

export function CustomerTable({ customers }: { customers: readonly Customer[] }) {
  const t = useTranslations("settings.staff");
  const rowOf = useCustomerRow();
  return (
    <DataTable
      rows={customers.map(rowOf)}
      rowKey="id"
      label={t("customers")}
      search={customers.length > 5}
      columns={useCustomerColumns()}
      empty={<EmptyState icon={<BriefcaseBusiness />} title={t("noCustomers")} text={t("noCustomersText")} />}
    />
  );
}
