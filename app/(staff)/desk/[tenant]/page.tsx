import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { getFormatter, getTranslations } from "next-intl/server";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { PageHeader } from "@/components/page-header";
import { Stat } from "@/components/stat";
import { requireStaff } from "@/lib/page-session";
import { pipelineOf } from "@/lib/pipeline";
import { staffMay } from "@/lib/session";
import { customersOf } from "@/lib/staff";
import { TenantState } from "../../tenant-state";
import { ProjectTable } from "../project-table";
import { NewProject } from "./new-project";

interface Props {
  params: Promise<{ tenant: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await params).tenant };
}

export default async function CustomerPage({ params }: Props) {
  const { tenant: slug } = await params;
  const person = await requireStaff("desk.read");
  const customer = (await customersOf(person)).find((one) => one.slug === slug) ?? notFound();
  const [pipeline, t, format] = await Promise.all([
    pipelineOf(person),
    getTranslations("settings.staff"),
    getFormatter(),
  ]);
  const words = await getTranslations("projects.desk");
  return (
    <>
      <PageHeader
        title={customer.name}
        description={words("customerText")}
        crumbs={[{ label: t("desk"), href: "/desk" }]}
        actions={
          <>
            <TenantState state={customer.state} />
            <Button asChild variant="secondary">
              <Link href={`/desk/${slug}/billing`}>{words("billing")}</Link>
            </Button>
          </>
        }
      />
      <div className="grid gap-4">
        <Card>
          <div className="grid grid-cols-2 gap-5 pt-1 sm:grid-cols-4">
            <Stat label={t("members")} value={format.number(customer.members)} />
            <Stat label={t("models")} value={format.number(customer.models)} />
            <Stat label={t("openJobs")} value={format.number(customer.openJobs)} />
            <Stat label={t("answered")} value={format.number(customer.rowsAnswered)} />
          </div>
        </Card>
        <Card
          title={words("pipeline")}
          actions={staffMay(person, "desk.write") && <NewProject slug={slug} />}
          isFlush
        >
          <ProjectTable projects={pipeline.filter((one) => one.slug === slug)} />
        </Card>
      </div>
    </>
  );
}
