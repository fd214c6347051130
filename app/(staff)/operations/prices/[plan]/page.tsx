import { Tags } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { SheetTable } from "@/components/sheet-table";
import { orNotFound, requireStaff } from "@/lib/page-session";
import { findPlan, type PricedPlan, sheetsInForce } from "@/lib/plans";
import { staffMay } from "@/lib/session";
import { PlanSwitch } from "../plan-switch";

interface Props {
  params: Promise<{ plan: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await params).plan };
}

/** A plan with all the prices that it has and had: a sheet never changes. */
export default async function PlanPage({ params }: Props) {
  const person = await requireStaff("operations.read");
  const plan = await orNotFound(findPlan((await params).plan));
  const [t, staff] = await Promise.all([
    getTranslations("operations.prices"),
    getTranslations("settings.staff"),
  ]);
  const now = new Date();
  const today = now.toISOString().slice(0, 10);
  const inForce = sheetsInForce(plan.sheets, now).map(({ id }) => id);
  const stateOf = ({ id, effectiveFrom }: PricedPlan["sheets"][number]) =>
    inForce.includes(id) ? "inForce" : effectiveFrom > today ? "coming" : "earlier";
  const mayManage = staffMay(person, "operations.manage");
  return (
    <>
      <PageHeader
        title={plan.name}
        description={t("planText", { id: plan.id, count: plan.tenants })}
        crumbs={[
          { label: staff("operations"), href: "/operations" },
          { label: t("title"), href: "/operations/prices" },
        ]}
        actions={
          <>
            <PlanSwitch id={plan.id} name={plan.name} isPublic={plan.isPublic} mayChange={mayManage} />
            {mayManage && (
              <Button asChild>
                <Link href={`/operations/prices/${plan.id}/new`}>{t("addSheet")}</Link>
              </Button>
            )}
          </>
        }
      />
      <div className="grid gap-4">
        {plan.sheets.length === 0 && (
          <Card>
            <EmptyState icon={<Tags />} title={t("noSheet")} text={t("noSheetText")} />
          </Card>
        )}
        {plan.sheets.map((one) => (
          <Card
            key={one.id}
            title={t("sheetFrom", { currency: one.currency, day: one.effectiveFrom })}
            description={t("onIt", { count: one.tenants })}
            actions={<Badge tone={stateOf(one) === "inForce" ? "good" : "neutral"}>{t(stateOf(one))}</Badge>}
            isFlush
          >
            <SheetTable sheet={one.sheet} currency={one.currency} />
          </Card>
        ))}
      </div>
    </>
  );
}
