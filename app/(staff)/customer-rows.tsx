import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import { Time } from "@/components/time";
import { TenantState } from "./tenant-state";

export interface Customer {
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

/** The columns that the desk and operations share: names, states and counts, never a row of the customer's. */
export function useCustomerColumns() {
  const t = useTranslations("settings.staff");
  return [
    { key: "name", header: t("customer"), sortable: true },
    { key: "state", header: t("state"), sortable: true },
    { key: "members", header: t("members"), align: "right" as const, sortable: true },
    { key: "models", header: t("models"), align: "right" as const, sortable: true },
    { key: "openJobs", header: t("openJobs"), align: "right" as const, sortable: true },
    { key: "answered", header: t("answered"), align: "right" as const, sortable: true },
    { key: "since", header: t("since"), align: "right" as const, sortable: true },
  ];
}

export function useCustomerRow() {
  const format = useFormatter();
  const count = (value: number) => ({ value, node: format.number(value) });
  return (one: Customer) => ({
    id: one.tenantId,
    name: {
      value: `${one.name} ${one.slug}`,
      node: (
        <span className="block">
          <Link href={`/desk/${one.slug}`} className="text-accent font-medium hover:underline">
            {one.name}
          </Link>
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
  });
}
