"use client";
import { FolderKanban } from "lucide-react";
import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { Badge } from "@/components/badge";
import { DataTable } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { StageBadge } from "@/components/project/stage-badge";
import { wordsOf } from "@/lib/document-words";
import type { Locale } from "@/lib/locale";
import type { PipelineProject } from "@/lib/pipeline";

export function ProjectTable({ projects }: { projects: readonly PipelineProject[] }) {
  const t = useTranslations("projects");
  const { amount } = wordsOf(useLocale() as Locale);
  return (
    <DataTable
      rowKey="id"
      label={t("desk.pipeline")}
      search={projects.length > 5}
      rows={projects.map((one) => ({
        id: one.id,
        name: {
          value: `${one.title} ${one.customer}`,
          node: (
            <span className="block">
              <Link
                className="text-accent font-medium hover:underline"
                href={`/desk/${one.slug}/projects/${one.id}`}
              >
                {one.title}
              </Link>
              <Link className="text-ink-3 block text-xs hover:underline" href={`/desk/${one.slug}`}>
                {one.customer}
              </Link>
            </span>
          ),
        },
        stage: { value: one.stage, node: <StageBadge stage={one.stage} /> },
        value: {
          value: Number(one.value?.net ?? 0),
          node: one.value ? amount(one.value.net, one.value.currency) : "–",
        },
        due: one.dueOn ?? "–",
        risks: {
          value: one.risks.length,
          node: (
            <span className="flex flex-wrap gap-1">
              {one.risks.length === 0
                ? t("noRisk")
                : one.risks.map((risk) => (
                    <Badge key={risk} tone="bad">
                      {t(`risk.${risk}`)}
                    </Badge>
                  ))}
            </span>
          ),
        },
        owner: one.owner ?? t("nobody"),
      }))}
      columns={[
        { key: "name", header: t("name"), sortable: true },
        { key: "stage", header: t("stage"), sortable: true },
        { key: "value", header: t("value"), align: "right", sortable: true },
        { key: "due", header: t("due"), sortable: true },
        { key: "risks", header: t("risks"), sortable: true },
        { key: "owner", header: t("owner"), sortable: true },
      ]}
      empty={
        <EmptyState icon={<FolderKanban />} title={t("desk.noProjects")} text={t("desk.noProjectsText")} />
      }
    />
  );
}
