import type { Metadata } from "next";
import { getFormatter, getLocale, getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { PageHeader } from "@/components/page-header";
import { Stat } from "@/components/stat";
import { wordsOf } from "@/lib/document-words";
import { listInquiries } from "@/lib/inquiries";
import type { Locale } from "@/lib/locale";
import { requireStaff } from "@/lib/page-session";
import { openValues, pipelineOf } from "@/lib/pipeline";
import { staffMay } from "@/lib/session";
import { customersOf } from "@/lib/staff";
import { InquiryList } from "../inquiry-list";
import { CustomerTable } from "./customer-table";
import { ProjectTable } from "./project-table";

const SOON_DAYS = 7;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("settings.staff"))("desk") };
}

export default async function DeskPage() {
  const person = await requireStaff("desk.read");
  const [customers, inquiries, pipeline, t, words, format] = await Promise.all([
    customersOf(person),
    listInquiries(),
    pipelineOf(person),
    getTranslations("settings.staff"),
    getTranslations("projects.desk"),
    getFormatter(),
  ]);
  const soon = new Date(Date.now() + SOON_DAYS * 86_400_000).toISOString().slice(0, 10);
  const values = openValues(pipeline);
  const { amount } = wordsOf((await getLocale()) as Locale);
  const list = <InquiryList inquiries={inquiries} mayTake={staffMay(person, "desk.write")} />;
  // Somebody waits for an answer: that comes first.
  const isWaiting = inquiries.some(({ projectId, takenBy }) => projectId !== null && takenBy === null);
  return (
    <>
      <PageHeader title={t("desk")} description={t("deskText")} />
      <div className="grid gap-4">
        {isWaiting && list}
        <Card title={words("pipeline")} description={words("pipelineText")} isFlush>
          <div className="grid gap-5 border-b px-4 py-4 sm:grid-cols-3 sm:px-5">
            <Stat
              label={words("open")}
              value={values.map(({ net, currency }) => amount(net, currency)).join(", ") || "–"}
              hint={words("openHint")}
            />
            <Stat
              label={words("atRisk")}
              value={format.number(pipeline.filter(({ risks }) => risks.length > 0).length)}
            />
            <Stat
              label={words("dueSoon")}
              value={format.number(pipeline.filter(({ dueOn }) => dueOn !== null && dueOn <= soon).length)}
            />
          </div>
          <ProjectTable projects={pipeline} />
        </Card>
        <Card title={t("customers")} isFlush>
          <CustomerTable customers={customers} />
        </Card>
        {!isWaiting && list}
      </div>
    </>
  );
}
