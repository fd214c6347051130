import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { PageHeader } from "@/components/page-header";
import { BriefCard } from "@/components/project/brief";
import { Files } from "@/components/project/files";
import { Grants } from "@/components/project/grants";
import { Milestones } from "@/components/project/milestones";
import { Quotes } from "@/components/project/quote-sheet";
import { Timeline } from "@/components/project/timeline";
import { deskPlace } from "@/components/project/where";
import { RefreshWhile } from "@/components/use-refresh";
import { marginOf } from "@/lib/margin";
import { orNotFound, requireStaff } from "@/lib/page-session";
import { projectView } from "@/lib/project-view";
import { PROJECT_MOVES } from "@/lib/projects";
import { staffMay } from "@/lib/session";
import { customerOf } from "@/lib/staff";
import { MarginCard } from "./margin-card";
import { MoveProject } from "./move-project";
import { Samples } from "./samples";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("projects"))("name") };
}

export default async function DeskProjectPage({
  params,
}: {
  params: Promise<{ tenant: string; id: string }>;
}) {
  const { tenant: slug, id } = await params;
  const person = await requireStaff("desk.read");
  const customer = await orNotFound(customerOf(person, slug));
  const [view, margin, t] = await Promise.all([
    orNotFound(projectView(customer.tenantId, id, "staff")),
    marginOf(customer.tenantId, id),
    getTranslations("projects"),
  ]);
  const where = deskPlace(slug, id);
  const page = `/desk/${slug}/projects/${id}`;
  const mayWrite = staffMay(person, "desk.write");
  const { project, milestones } = view;
  const isScoping = view.quotes.length === 0;
  const brief = <BriefCard brief={project.brief} where={where} mayWrite={mayWrite} />;
  return (
    <>
      <RefreshWhile
        isOpen={
          milestones.some(({ state }) => state === "submitted") ||
          view.sets.some(({ appraisal }) => appraisal?.state === "running")
        }
      />
      <PageHeader
        title={project.title}
        crumbs={[
          { label: t("desk.pipeline"), href: "/desk" },
          { label: customer.name, href: `/desk/${slug}` },
        ]}
        description={`${t("owner")}: ${project.owner ?? t("nobody")}`}
        actions={
          <>
            <Badge tone="info">{t(`states.${project.state}`)}</Badge>
            {mayWrite && PROJECT_MOVES[project.state].length > 0 && (
              <MoveProject where={where} to={PROJECT_MOVES[project.state]} />
            )}
            {mayWrite && (
              <Button asChild>
                <Link href={`${page}/quote`}>{t("draft.open")}</Link>
              </Button>
            )}
          </>
        }
      />
      <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
        <div className="grid min-w-0 gap-4">
          {isScoping && brief}
          <Quotes
            quotes={view.quotes}
            where={where}
            may={{ sign: false, send: mayWrite, approve: staffMay(person, "desk.approve") }}
          />
          <Milestones
            milestones={milestones}
            models={view.models}
            where={where}
            may={{ sign: false, submit: mayWrite }}
            billing={`/desk/${slug}/billing`}
          />
          <Samples sets={view.sets} slug={slug} mayOrder={mayWrite} />
          {!isScoping && brief}
        </div>
        <div className="grid min-w-0 gap-4">
          <Timeline events={view.events} where={where} mayWrite={mayWrite} />
          {margin && (
            <MarginCard
              margin={margin}
              slug={slug}
              projectId={id}
              staffId={mayWrite ? person.userId : null}
            />
          )}
          <Files files={view.files} where={where} mayWrite={mayWrite} />
          <Grants
            grants={view.grants.map((grant) => ({
              ...grant,
              // Only who was allowed sees them.
              isLive: grant.isLive && grant.staffId === person.userId,
            }))}
            sets={view.sets.map(({ id: set, name }) => ({ id: set, name }))}
            where={where}
            may={{ decide: false, ask: mayWrite }}
            rows={`${page}/rows`}
          />
        </div>
      </div>
    </>
  );
}
