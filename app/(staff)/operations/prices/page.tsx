import { Tags } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { getFormatter, getLocale, getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { wordsOf } from "@/lib/document-words";
import type { Locale } from "@/lib/locale";
import { requireStaff } from "@/lib/page-session";
import { listPlans, sheetsInForce } from "@/lib/plans";
import { staffMay } from "@/lib/session";
import { NewPlan } from "./new-plan";
import { PlanSwitch } from "./plan-switch";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("operations.prices"))("title") };
}

/** What is for sale: plans, what they cost today, and how many are on them. */
export default async function PricesPage() {
  const person = await requireStaff("operations.read");
  const now = new Date();
  const [plans, t, staff, format, locale] = await Promise.all([
    listPlans(now),
    getTranslations("operations.prices"),
    getTranslations("settings.staff"),
    getFormatter(),
    getLocale(),
  ]);
  const mayManage = staffMay(person, "operations.manage");
  const { amount } = wordsOf(locale as Locale);
  return (
    <>
      <PageHeader
        title={t("title")}
        description={t("text")}
        crumbs={[{ label: staff("operations"), href: "/operations" }]}
        actions={mayManage && <NewPlan />}
      />
      <Card title={t("plans")} isFlush>
        <DataTable
          rowKey="id"
          label={t("plans")}
          search={plans.length > 5}
          rows={plans.map(({ id, name, isPublic, tenants, sheets }) => ({
            id,
            name: {
              value: name,
              node: (
                <Link className="text-accent font-medium hover:underline" href={`/operations/prices/${id}`}>
                  {name}
                </Link>
              ),
            },
            base:
              sheetsInForce(sheets, now)
                .map(({ currency, sheet }) => amount(sheet.base, currency))
                .join(" · ") || t("noneYet"),
            tenants: { value: tenants, node: format.number(tenants) },
            shown: {
              value: String(isPublic),
              node: <PlanSwitch id={id} name={name} isPublic={isPublic} mayChange={mayManage} />,
            },
          }))}
          columns={[
            { key: "name", header: t("plan"), sortable: true },
            { key: "id", header: t("id"), sortable: true },
            { key: "base", header: t("baseToday") },
            { key: "tenants", header: t("tenants"), align: "right", sortable: true },
            { key: "shown", header: t("public") },
          ]}
          empty={<EmptyState icon={<Tags />} title={t("none")} text={t("noneText")} />}
        />
      </Card>
    </>
  );
}
