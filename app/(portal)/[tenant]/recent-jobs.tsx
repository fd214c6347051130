import { Database } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Card } from "@/components/card";
import { EmptyState } from "@/components/empty-state";
import { Progress } from "@/components/progress";
import { Time } from "@/components/time";
import type { Job } from "@/lib/jobs";
import { StateBadge } from "./state-badge";

/** A job that runs shows its stage and how far it is. */
export function RecentJobs({ slug, jobs }: { slug: string; jobs: readonly Job[] }) {
  const t = useTranslations("portal.overview");
  const stage = useTranslations("portal.stages.names");
  return (
    <Card title={t("recentJobs")} isFlush>
      {jobs.length === 0 ? (
        <EmptyState icon={<Database />} title={t("noJobs")} text={t("noJobsText")} />
      ) : (
        <ul className="divide-y">
          {jobs.map((job) => {
            const running = job.state === "running" && job.stages.find((one) => one.status === "running");
            return (
              <li key={job.id}>
                <Link
                  href={`/${slug}/jobs/${job.id}`}
                  className="hover:bg-hover flex items-center gap-4 px-4 py-3 sm:px-5"
                >
                  <span className="min-w-0 flex-1">
                    <span className="block truncate text-sm font-medium">{job.suffix ?? job.id}</span>
                    {running ? (
                      <span className="mt-1 block max-w-64">
                        <Progress value={running.progress} label={stage(running.name)} />
                      </span>
                    ) : (
                      <span className="text-ink-3 text-xs">
                        <Time at={job.createdAt} />
                      </span>
                    )}
                  </span>
                  <StateBadge state={job.state} />
                </Link>
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}
