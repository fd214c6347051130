"use client";
import { useRouter } from "next/navigation";
import { useFormatter, useTranslations } from "next-intl";
import { toast } from "sonner";
import { call } from "@/components/call";
import { ConfirmButton } from "@/components/confirm-button";
import { DataTable } from "@/components/data-table";
import { Time } from "@/components/time";
import { TenantState } from "../tenant-state";

interface Tenant {
  tenantId: string;
  slug: string;
  name: string;
  state: string;
  createdAt: Date;
  members: number;
  models: number;
  openJobs: number;
  rowsAnswered: number;
}

export function TenantTable({ tenants, mayManage }: { tenants: readonly Tenant[]; mayManage: boolean }) {
  const t = useTranslations("settings.staff");
  const format = useFormatter();
  const count = (value: number) => ({ value, node: format.number(value) });
  const rows = tenants.map((one) => ({
    id: one.tenantId,
    name: {
      value: `${one.name} ${one.slug}`,
      node: (
        <span className="block">
          <span className="font-medium">{one.name}</span>
          <span className="text-ink-3 block font-mono text-xs">{one.slug}</span>
        </span>
      ),
    },
    state: { value: one.state, node: <TenantState state={one.state} /> },
    members: count(one.members),
    models: count(one.models),
    openJobs: count(one.openJobs),
    answered: count(one.rowsAnswered),
    since: { value: one.createdAt.getTime(), node: <Time at={one.createdAt} form="date" /> },
    action: { value: null, node: mayManage && <StateButton tenant={one} /> },
  }));
  return (
    <DataTable
      rows={rows}
      rowKey="id"
      label={t("tenants")}
      search={rows.length > 5}
      columns={[
        { key: "name", header: t("customer"), sortable: true },
        { key: "state", header: t("state"), sortable: true },
        { key: "members", header: t("members"), align: "right", sortable: true },
        { key: "models", header: t("models"), align: "right", sortable: true },
        { key: "openJobs", header: t("openJobs"), align: "right", sortable: true },
        { key: "answered", header: t("answered"), align: "right", sortable: true },
        { key: "since", header: t("since"), align: "right", sortable: true },
        ...(mayManage
          ? [
              {
                key: "action",
                header: <span className="sr-only">{t("actions")}</span>,
                align: "right" as const,
              },
            ]
          : []),
      ]}
    />
  );
}

/** A closed organisation has no way back; every other state is either running or suspended. */
function StateButton({ tenant }: { tenant: Tenant }) {
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
