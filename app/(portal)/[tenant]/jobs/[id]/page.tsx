import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { PageHeader } from "@/components/page-header";
import { AskTeam } from "@/components/project/ask-team";
import { eventsAfter, eventToWire } from "@/lib/job-events";
import { getJob, wireJob } from "@/lib/jobs";
import { orNotFound, requireMember } from "@/lib/page-session";
import { LiveJob } from "./live-job";

type Params = Promise<{ tenant: string; id: string }>;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("portal.jobs"))("job") };
}

export default async function JobPage({ params }: { params: Params }) {
  const { tenant: slug, id } = await params;
  const { actor } = await requireMember(slug, "jobs.read");
  const job = await orNotFound(getJob(actor.tenantId, decodeURIComponent(id)));
  const [events, wire, t] = await Promise.all([
    eventsAfter(actor.tenantId, job.id, 0),
    wireJob(actor, job),
    getTranslations("portal.jobs"),
  ]);
  return (
    <>
      <PageHeader
        title={job.suffix ?? t("job")}
        description={<span className="font-mono text-xs">{job.id}</span>}
        crumbs={[{ label: t("title"), href: `/${slug}/jobs` }]}
        actions={
          actor.permissions.has("projects.write") && (
            <AskTeam
              slug={slug}
              about={{ kind: "job", id: job.id }}
              variant={job.state === "failed" ? "secondary" : "ghost"}
            />
          )
        }
      />
      <LiveJob
        slug={slug}
        initialJob={wire}
        initialEvents={events.map((event) => ({ ...eventToWire(event), seq: event.seq }))}
        mayChange={actor.permissions.has("jobs.write")}
      />
    </>
  );
}
