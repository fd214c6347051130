import type { Metadata } from "next";
import Link from "next/link";
import { notFound, redirect } from "next/navigation";
import { getFormatter, getTranslations } from "next-intl/server";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { PageHeader } from "@/components/page-header";
import { Stat } from "@/components/stat";
import { RefreshWhile } from "@/components/use-refresh";
import { listDatasets } from "@/lib/datasets";
import { isFinal, isMoving } from "@/lib/job-moves";
import { listJobs } from "@/lib/jobs";
import { listModels } from "@/lib/models";
import { requireMember } from "@/lib/page-session";
import { usageByDay } from "@/lib/usage";
import { RecentJobs } from "./recent-jobs";
import { RecentModels } from "./recent-models";
import { DayChart } from "./usage/day-chart";
import { daysOf, isRows } from "./usage/days";

const SHOWN = 6;
const DAYS = 30;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("portal.nav"))("overview") };
}

export default async function OverviewPage({ params }: { params: Promise<{ tenant: string }> }) {
  const { tenant: slug } = await params;
  const { actor, membership } = await requireMember(slug);
  if (!actor.permissions.has("tenant.read"))
    return actor.permissions.has("predictions.create") ? redirect(`/${slug}/console`) : notFound();
  const [datasets, jobs, models, usage, t, format] = await Promise.all([
    listDatasets(actor.tenantId),
    listJobs(actor.tenantId, { limit: 8 }),
    listModels(actor.tenantId),
    usageByDay(actor.tenantId, DAYS),
    getTranslations("portal.overview"),
    getFormatter(),
  ]);
  const answers = usage.filter(isRows);
  const days = daysOf(answers, DAYS, new Date());
  const answered = days.at(-1)?.rows ?? 0;
  const open = jobs.data.filter((job) => !isFinal(job.state));
  const mayWrite = actor.permissions.has("files.write");
  return (
    <>
      <RefreshWhile isOpen={open.some((job) => isMoving(job.state))} />
      <PageHeader
        title={membership.name}
        description={t("description")}
        actions={
          mayWrite && (
            <Button asChild>
              <Link href={`/${slug}/datasets/new`}>{t("new")}</Link>
            </Button>
          )
        }
      />
      <div className="grid gap-4">
        <Card>
          <div className="grid grid-cols-2 gap-5 pt-1 sm:grid-cols-4">
            <Stat label={t("datasets")} value={format.number(datasets.length)} />
            <Stat label={t("openJobs")} value={format.number(open.length)} />
            <Stat label={t("models")} value={format.number(models.length)} />
            <Stat label={t("answered")} value={format.number(answered)} hint={t("answeredHint")} />
          </div>
        </Card>
        <div className="grid gap-4 lg:grid-cols-2">
          <RecentModels slug={slug} models={models.slice(0, SHOWN)} mayWrite={mayWrite} />
          <RecentJobs slug={slug} jobs={jobs.data.slice(0, SHOWN)} />
        </div>
        {answers.length > 0 && (
          <Card
            title={t("byDay")}
            actions={
              <Link href={`/${slug}/usage`} className="link text-sm">
                {t("usage")}
              </Link>
            }
          >
            <DayChart days={days} />
          </Card>
        )}
      </div>
    </>
  );
}
