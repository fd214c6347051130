import { Signpost } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Badge } from "@/components/badge";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { Time } from "@/components/time";
import { listDeployments } from "@/lib/deployments";
import { listModels } from "@/lib/models";
import { requireMember } from "@/lib/page-session";
import { CreateDeployment } from "./create-deployment";
import { versionsFrom } from "./versions";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("portal.nav"))("deployments") };
}

export default async function DeploymentsPage({ params }: { params: Promise<{ tenant: string }> }) {
  const { tenant: slug } = await params;
  const { actor } = await requireMember(slug, "jobs.read");
  const [all, models, t] = await Promise.all([
    listDeployments(actor.tenantId),
    listModels(actor.tenantId),
    getTranslations("serving"),
  ]);
  const create = actor.permissions.has("models.deploy") && models.length > 0 && (
    <CreateDeployment slug={slug} versions={versionsFrom(models)} />
  );
  const rows = all.map(({ deployment, model, canary, shadow }) => ({
    id: deployment.id,
    name: {
      value: deployment.name,
      node: (
        <Link
          href={`/${slug}/deployments/${deployment.name}`}
          className="text-accent font-medium hover:underline"
        >
          {deployment.name}
        </Link>
      ),
    },
    version: {
      value: model.name,
      node: <span className="font-mono text-xs break-all">{model.name}</span>,
    },
    trial: {
      value: `${canary?.name ?? ""}${shadow?.name ?? ""}`,
      node: (
        <span className="inline-flex flex-wrap gap-1">
          {canary && <Badge tone="warn">{t("canaryAt", { percent: deployment.canaryPercent ?? 0 })}</Badge>}
          {shadow && <Badge tone="info">{t("shadow.title")}</Badge>}
          {!canary && !shadow && <span className="text-ink-3">–</span>}
        </span>
      ),
    },
    created: { value: deployment.createdAt.getTime(), node: <Time at={deployment.createdAt} /> },
  }));
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} actions={all.length > 0 && create} />
      <Card isFlush>
        <DataTable
          rows={rows}
          rowKey="id"
          label={t("title")}
          columns={[
            { key: "name", header: t("name"), sortable: true },
            { key: "version", header: t("answers"), sortable: true },
            { key: "trial", header: t("trial"), sortable: true },
            { key: "created", header: t("created"), align: "right", sortable: true },
          ]}
          empty={
            <EmptyState
              icon={<Signpost />}
              title={t("empty")}
              text={t(models.length > 0 ? "emptyText" : "noModels")}
              action={create}
            />
          }
        />
      </Card>
    </>
  );
}
