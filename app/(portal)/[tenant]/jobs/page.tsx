import { Activity } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { Time } from "@/components/time";
import { RefreshWhile } from "@/components/use-refresh";
import { isMoving } from "@/lib/job-moves";
import { listJobs } from "@/lib/jobs";
import { requireMember } from "@/lib/page-session";
import { StateBadge } from "../state-badge";

/** More than anybody scrolls through; older ones are reached by the API's pages. */
const SHOWN = 200;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("portal.nav"))("jobs") };
}

export default async function JobsPage({ params }: { params: Promise<{ tenant: string }> }) {
  const { tenant: slug } = await params;
  const { actor } = await requireMember(slug, "jobs.read");
  const [{ data: jobs }, t] = await Promise.all([
    listJobs(actor.tenantId, { limit: SHOWN }),
    getTranslations("portal.jobs"),
  ]);
  const isOpen = jobs.some((job) => isMoving(job.state));
  const rows = jobs.map((job) => ({
    id: job.id,
    name: {
      value: `${job.suffix ?? ""} ${job.id}`,
      node: (
        <Link href={`/${slug}/jobs/${job.id}`} className="text-accent font-medium hover:underline">
          {job.suffix ?? job.id}
        </Link>
      ),
    },
    state: { value: job.state, node: <StateBadge state={job.state} /> },
    recipe: String((job.asked.graft as { recipe?: string } | undefined)?.recipe ?? "auto"),
    created: { value: job.createdAt.getTime(), node: <Time at={job.createdAt} /> },
  }));
  return (
    <>
      <RefreshWhile isOpen={isOpen} />
      <PageHeader title={t("title")} description={t("description")} />
      <Card isFlush>
        <DataTable
          rows={rows}
          rowKey="id"
          label={t("title")}
          search={rows.length > 5}
          columns={[
            { key: "name", header: t("job"), sortable: true },
            { key: "state", header: t("state"), sortable: true },
            { key: "recipe", header: t("recipe"), sortable: true },
            { key: "created", header: t("created"), align: "right", sortable: true },
          ]}
          empty={
            <EmptyState
              icon={<Activity />}
              title={t("empty")}
              text={t("emptyText")}
              action={
                <Button asChild variant="secondary">
                  <Link href={`/${slug}/datasets`}>{t("toDatasets")}</Link>
                </Button>
              }
            />
          }
        />
      </Card>
    </>
  );
}
