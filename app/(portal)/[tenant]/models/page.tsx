import { Boxes } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { Time } from "@/components/time";
import { type File, listFiles } from "@/lib/files";
import { figuresOf } from "@/lib/ml/evaluation";
import { listModels } from "@/lib/models";
import { requireMember } from "@/lib/page-session";
import { taskOf } from "@/lib/tasks";
import { FirstModelBadge } from "../first-model-badge";
import { shortName } from "../short-name";
import { ImportDialog } from "./import-dialog";
import { Measured, MetricText } from "./measured-figure";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("portal.nav"))("models") };
}

/** Files whose rows can teach what stands on an adapter. */
const teachingOf = (files: readonly File[]) =>
  files
    .filter(({ status, profile }) => status === "processed" && taskOf(profile?.guess.task).takesAdapters)
    .map(({ id, filename }) => ({ id, name: filename }));

export default async function ModelsPage({ params }: { params: Promise<{ tenant: string }> }) {
  const { tenant: slug } = await params;
  const { actor } = await requireMember(slug, "jobs.read");
  const mayImport = actor.permissions.has("jobs.write") && actor.permissions.has("files.read");
  const [models, files, t] = await Promise.all([
    listModels(actor.tenantId),
    mayImport ? listFiles(actor.tenantId, { limit: 1000, purpose: "fine-tune" }) : null,
    getTranslations("insight.models"),
  ]);
  const rows = models.map((model) => {
    const [figure] = figuresOf(model.report.evaluation);
    const floor = figure && model.report.floor.scores[figure[0]];
    return {
      id: model.id,
      name: {
        value: model.name,
        node: (
          <Link href={`/${slug}/models/${model.id}`} className="group block min-w-0 sm:max-w-[30rem]">
            <span className="text-accent mr-2 font-medium group-hover:underline">
              {shortName(model.name)}
            </span>
            <FirstModelBadge step={model.checkpointStep} />
            <span className="text-ink-3 block font-mono text-xs break-all">{model.name}</span>
          </Link>
        ),
      },
      recipe: model.recipe,
      measured: {
        value: figure?.[1].value ?? 0,
        node: figure && <Measured metric={figure[0]} estimate={figure[1]} />,
      },
      floor: {
        value: floor?.value ?? 0,
        node: figure && floor && <MetricText metric={figure[0]} value={floor.value} />,
      },
      created: { value: model.createdAt.getTime(), node: <Time at={model.createdAt} /> },
    };
  });
  return (
    <>
      <PageHeader
        title={t("title")}
        description={t("description")}
        actions={files && <ImportDialog slug={slug} files={teachingOf(files.data)} />}
      />
      <Card isFlush>
        <DataTable
          rows={rows}
          rowKey="id"
          label={t("title")}
          search={rows.length > 5}
          columns={[
            { key: "name", header: t("name"), sortable: true },
            { key: "recipe", header: t("recipe"), sortable: true },
            { key: "measured", header: t("measured"), align: "right", sortable: true },
            { key: "floor", header: t("floor"), align: "right", sortable: true },
            { key: "created", header: t("created"), align: "right", sortable: true },
          ]}
          empty={
            <EmptyState
              icon={<Boxes />}
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
