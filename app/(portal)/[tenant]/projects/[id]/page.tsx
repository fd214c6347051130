import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Badge } from "@/components/badge";
import { PageHeader } from "@/components/page-header";
import { BriefCard } from "@/components/project/brief";
import { Files } from "@/components/project/files";
import { Grants } from "@/components/project/grants";
import { Milestones } from "@/components/project/milestones";
import { Quotes } from "@/components/project/quote-sheet";
import { Timeline } from "@/components/project/timeline";
import { customerPlace } from "@/components/project/where";
import { RefreshWhile } from "@/components/use-refresh";
import { orNotFound, requireMember } from "@/lib/page-session";
import { projectView } from "@/lib/project-view";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("projects"))("name") };
}

export default async function ProjectPage({ params }: { params: Promise<{ tenant: string; id: string }> }) {
  const { tenant: slug, id } = await params;
  const { actor } = await requireMember(slug, "projects.read");
  const [view, t] = await Promise.all([
    orNotFound(projectView(actor.tenantId, id, "customer")),
    getTranslations("projects"),
  ]);
  const where = customerPlace(slug, id);
  const mayWrite = actor.permissions.has("projects.write");
  const maySign = actor.permissions.has("projects.sign");
  const { project, milestones } = view;
  // Until there is an offer, the questions come first.
  const isScoping = view.quotes.length === 0;
  const brief = <BriefCard brief={project.brief} where={where} mayWrite={mayWrite} />;
  return (
    <>
      <RefreshWhile isOpen={milestones.some(({ state }) => state === "submitted")} />
      <PageHeader
        title={project.title}
        crumbs={[{ label: t("title"), href: `/${slug}/projects` }]}
        description={`${t("owner")}: ${project.owner ?? t("nobody")}`}
        actions={<Badge tone="info">{t(`states.${project.state}`)}</Badge>}
      />
      <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
        <div className="grid min-w-0 gap-4">
          {isScoping && brief}
          <Quotes quotes={view.quotes} where={where} may={{ sign: maySign, send: false, approve: false }} />
          <Milestones
            milestones={milestones}
            models={[]}
            where={where}
            may={{ sign: maySign, submit: false }}
            billing={`/${slug}/billing`}
            answers={actor.permissions.has("files.read") ? `/${slug}/projects/${id}/runs` : undefined}
          />
          {!isScoping && brief}
        </div>
        <div className="grid min-w-0 gap-4">
          <Timeline events={view.events} where={where} mayWrite={mayWrite} />
          <Files files={view.files} where={where} mayWrite={mayWrite} />
          <Grants grants={view.grants} sets={[]} where={where} may={{ decide: maySign, ask: false }} />
        </div>
      </div>
    </>
  );
}
