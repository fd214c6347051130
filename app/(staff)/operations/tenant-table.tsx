"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { call } from "@/components/call";
import { ConfirmButton } from "@/components/confirm-button";
import { DataTable } from "@/components/data-table";
import { type Customer, useCustomerColumns, useCustomerRow } from "../customer-rows";

export function TenantTable({ tenants, mayManage }: { tenants: readonly Customer[]; mayManage: boolean }) {
  const t = useTranslations("settings.staff");
  const rowOf = useCustomerRow();
  const columns = useCustomerColumns();
  const action = {
    key: "action",
    header: <span className="sr-only">{t("actions")}</span>,
    align: "right" as const,
  };
  return (
    <DataTable
      rows={tenants.map((one) => ({
        ...rowOf(one),
        action: { value: null, node: mayManage && <StateButton tenant={one} /> },
      }))}
      rowKey="id"
      label={t("tenants")}
      search={tenants.length > 5}
      columns={mayManage ? [...columns, action] : columns}
    />
  );
}

/** A closed organisation has no way back; every other state is either running or suspended. */
function StateButton({ tenant }: { tenant: Customer }) {
  const t = useTranslations("settings.staff");
  const router = useRouter();
  if (tenant.state === "closed") return null;
  const next = tenant.state === "suspended" ? "active" : "suspended";
  const word = next === "active" ? "activate" : "suspend";
  const change = async () => {
    await call(`/api/operations/tenants/${encodeURIComponent(tenant.slug)}`, {
      method: "PATCH",
      body: { state: next },
    });
    toast.success(t(`${word}Done`, { name: tenant.name }));
    router.refresh();
  };
  return (
    <ConfirmButton
      size="sm"
      tone={next === "active" ? "primary" : "danger"}
      label={t(`${word}Of`, { name: tenant.name })}
      title={t(`${word}Title`, { name: tenant.name })}
      text={t(`${word}Text`)}
      action={t(word)}
      onConfirm={change}
    >
      {t(word)}
    </ConfirmButton>
  );
}
