import type { Metadata } from "next";
import Link from "next/link";
import { getFormatter, getTranslations } from "next-intl/server";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { PageHeader } from "@/components/page-header";
import { Stat } from "@/components/stat";
import { stepsLeft } from "@/lib/first-steps";
import { listInquiries } from "@/lib/inquiries";
import { STATES } from "@/lib/job-moves";
import { requireStaff } from "@/lib/page-session";
import { isSignUpOpen } from "@/lib/platform-settings";
import { revenueByMonth } from "@/lib/revenue";
import { staffMay } from "@/lib/session";
import { customersOf, fleet, listStaff } from "@/lib/staff";
import { listWorkers } from "@/lib/workers";
import { InquiryList } from "../inquiry-list";
import { FirstSteps } from "./first-steps";
import { RevenueCard } from "./revenue-card";
import { SignUpSwitch } from "./sign-up-switch";
import { StaffTable } from "./staff-table";
import { TenantTable } from "./tenant-table";
import { WorkerTable } from "./worker-table";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("settings.staff"))("operations") };
}

export default async function OperationsPage() {
  const person = await requireStaff("operations.read");
  const [counts, tenants, isOpen, inquiries, staff, workers, revenue, steps, t, stateName, format] =
    await Promise.all([
      fleet(),
      customersOf(person),
      isSignUpOpen(),
      listInquiries(),
      listStaff(),
      listWorkers(),
      revenueByMonth(),
      stepsLeft(),
      getTranslations("settings.staff"),
      getTranslations("portal.states"),
      getFormatter(),
    ]);
  const mayManage = staffMay(person, "operations.manage");
  const jobsIn = (state: string) => counts.find((one) => one.state === state)?.jobs ?? 0;
  return (
    <>
      <PageHeader
        title={t("operations")}
        description={t("operationsText")}
        actions={(["seller", "prices"] as const).map((page) => (
          <Button key={page} asChild variant="secondary">
            <Link href={`/operations/${page}`}>{t(page)}</Link>
          </Button>
        ))}
      />
      <div className="grid gap-4">
        <FirstSteps left={steps} />
        <Card title={t("fleet")} description={t("fleetText")}>
          <div className="grid grid-cols-2 gap-5 sm:grid-cols-3 lg:grid-cols-7">
            {STATES.map((state) => (
              <Stat key={state} label={stateName(state)} value={format.number(jobsIn(state))} />
            ))}
          </div>
        </Card>
        <Card title={t("workers")} description={t("workersText")} isFlush>
          <WorkerTable workers={workers} />
        </Card>
        <RevenueCard months={revenue} />
        <Card title={t("signUp")}>
          <SignUpSwitch isOpen={isOpen} mayChange={mayManage} />
        </Card>
        <Card title={t("tenants")} isFlush>
          <TenantTable tenants={tenants} mayManage={mayManage} />
        </Card>
        <Card title={t("people")} description={t("peopleText")} isFlush>
          <StaffTable staff={staff} />
        </Card>
        <InquiryList inquiries={inquiries} mayTake={false} />
      </div>
    </>
  );
}
