import { BriefcaseBusiness } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Badge } from "@/components/badge";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { AskTeam } from "@/components/project/ask-team";
import { Time } from "@/components/time";
import { requireMember } from "@/lib/page-session";
import { projectsOfTenant } from "@/lib/projects";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("projects"))("title") };
}

export default async function ProjectsPage({ params }: { params: Promise<{ tenant: string }> }) {
  const { tenant: slug } = await params;
  const { actor } = await requireMember(slug, "projects.read");
  const [projects, t] = await Promise.all([projectsOfTenant(actor.tenantId), getTranslations("projects")]);
  const ask = actor.permissions.has("projects.write") && <AskTeam slug={slug} variant="primary" />;
  return (
    <>
      <PageHeader title={t("title")} description={t("text")} actions={ask} />
      <Card isFlush>
        <DataTable
          rowKey="id"
          label={t("title")}
          rows={projects.map(({ id, title, state, createdAt }) => ({
            id,
            title: {
              value: title,
              node: (
                <Link className="text-accent font-medium hover:underline" href={`/${slug}/projects/${id}`}>
                  {title}
                </Link>
              ),
            },
            state: { value: state, node: <Badge tone="info">{t(`states.${state}`)}</Badge> },
            since: { value: createdAt.getTime(), node: <Time at={createdAt} /> },
          }))}
          columns={[
            { key: "title", header: t("name"), sortable: true },
            { key: "state", header: t("stage"), sortable: true },
            { key: "since", header: t("since"), align: "right", sortable: true },
          ]}
          empty={<EmptyState icon={<BriefcaseBusiness />} title={t("none")} text={t("noneText")} />}
        />
      </Card>
    </>
  );
}
