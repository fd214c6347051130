import { Database, Rocket } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { notFound, redirect } from "next/navigation";
import { getFormatter, getTranslations } from "next-intl/server";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { Stat } from "@/components/stat";
import { Time } from "@/components/time";
import { listDatasets } from "@/lib/datasets";
import { listJobs } from "@/lib/jobs";
import { listModels } from "@/lib/models";
import { requireMember } from "@/lib/page-session";
import { usageByDay } from "@/lib/usage";
import { shortName } from "./short-name";
import { StateBadge } from "./state-badge";
import { RefreshWhile } from "./use-refresh";

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
    usageByDay(actor.tenantId, 1),
    getTranslations("portal.overview"),
    getFormatter(),
  ]);
  const answered = usage
    .filter((line) => line.meter === "inference.row")
    .reduce((sum, line) => sum + line.rows, 0);
  const open = jobs.data.filter((job) => ["validating_files", "queued", "running"].includes(job.state));
  const mayWrite = actor.permissions.has("files.write");
  return (
    <>
      <RefreshWhile isOpen={open.length > 0} />
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
          <Card title={t("recentModels")} isFlush>
            {models.length === 0 ? (
              <EmptyState
                icon={<Rocket />}
                title={t("noModels")}
                text={t("noModelsText")}
                action={
                  mayWrite && (
                    <Button asChild variant="secondary">
                      <Link href={`/${slug}/datasets/new`}>{t("new")}</Link>
                    </Button>
                  )
                }
              />
            ) : (
              <ul className="divide-y">
                {models.slice(0, 6).map((model) => (
                  <li key={model.id}>
                    <Link
                      href={`/${slug}/models/${model.id}`}
                      className="hover:bg-hover flex items-center gap-4 px-4 py-3 sm:px-5"
                    >
                      <span className="min-w-0 flex-1">
                        <span className="block truncate text-sm font-medium">{shortName(model.name)}</span>
                        <span className="text-ink-3 block truncate text-xs">
                          {model.recipe} · <Time at={model.createdAt} />
                        </span>
                      </span>
                      <span className="figures text-lg font-semibold">
                        {format.number(model.report.evaluation.accuracy.value, {
                          style: "percent",
                          maximumFractionDigits: 1,
                        })}
                      </span>
                    </Link>
                  </li>
                ))}
              </ul>
            )}
          </Card>
          <Card title={t("recentJobs")} isFlush>
            {jobs.data.length === 0 ? (
              <EmptyState icon={<Database />} title={t("noJobs")} text={t("noJobsText")} />
            ) : (
              <ul className="divide-y">
                {jobs.data.slice(0, 6).map((job) => (
                  <li key={job.id}>
                    <Link
                      href={`/${slug}/jobs/${job.id}`}
                      className="hover:bg-hover flex items-center gap-4 px-4 py-3 sm:px-5"
                    >
                      <span className="min-w-0 flex-1">
                        <span className="block truncate text-sm">{job.suffix ?? job.id}</span>
                        <span className="text-ink-3 text-xs">
                          <Time at={job.createdAt} />
                        </span>
                      </span>
                      <StateBadge state={job.state} />
                    </Link>
                  </li>
                ))}
              </ul>
            )}
          </Card>
        </div>
      </div>
    </>
  );
}
