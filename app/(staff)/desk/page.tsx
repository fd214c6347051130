import { BriefcaseBusiness } from "lucide-react";
import type { Metadata } from "next";
import { getFormatter, getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { Time } from "@/components/time";
import { listInquiries } from "@/lib/inquiries";
import { requireStaff } from "@/lib/page-session";
import { customersOf } from "@/lib/staff";
import { InquiryList } from "../inquiry-list";
import { TenantState } from "../tenant-state";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("settings.staff"))("desk") };
}

export default async function DeskPage() {
  const person = await requireStaff("desk.read");
  const [customers, inquiries, t, format] = await Promise.all([
    customersOf(person),
    listInquiries(),
    getTranslations("settings.staff"),
    getFormatter(),
  ]);
  const count = (value: number) => ({ value, node: format.number(value) });
  const rows = customers.map((one) => ({
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
  }));
  return (
    <>
      <PageHeader title={t("desk")} description={t("deskText")} />
      <div className="grid gap-4">
        <Card title={t("customers")} isFlush>
          <DataTable
            rows={rows}
            rowKey="id"
            label={t("customers")}
            search={rows.length > 5}
            columns={[
              { key: "name", header: t("customer"), sortable: true },
              { key: "state", header: t("state"), sortable: true },
              { key: "members", header: t("members"), align: "right", sortable: true },
              { key: "models", header: t("models"), align: "right", sortable: true },
              { key: "openJobs", header: t("openJobs"), align: "right", sortable: true },
              { key: "answered", header: t("answered"), align: "right", sortable: true },
              { key: "since", header: t("since"), align: "right", sortable: true },
            ]}
            empty={
              <EmptyState icon={<BriefcaseBusiness />} title={t("noCustomers")} text={t("noCustomersText")} />
            }
          />
        </Card>
        <InquiryList inquiries={inquiries} />
      </div>
    </>
  );
}
