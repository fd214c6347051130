import { Database } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { getFormatter, getTranslations } from "next-intl/server";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { Time } from "@/components/time";
import { RefreshWhile } from "@/components/use-refresh";
import { listDatasets } from "@/lib/datasets";
import { listFiles } from "@/lib/files";
import { listLabelling } from "@/lib/labelling";
import { requireMember } from "@/lib/page-session";
import { StateBadge } from "../state-badge";
import { LabellingList } from "./labelling-list";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("portal.nav"))("datasets") };
}

export default async function DatasetsPage({ params }: { params: Promise<{ tenant: string }> }) {
  const { tenant: slug } = await params;
  const { actor } = await requireMember(slug, "files.read");
  const [datasets, files, labelling, t, format] = await Promise.all([
    listDatasets(actor.tenantId),
    listFiles(actor.tenantId, { limit: 50, purpose: "fine-tune" }),
    listLabelling(actor.tenantId),
    getTranslations("portal.datasets"),
    getFormatter(),
  ]);
  const used = new Set(datasets.flatMap((dataset) => dataset.versions.map((version) => version.fileId)));
  const loose = files.data.filter((file) => !used.has(file.id));
  const isOpen =
    loose.some((file) => file.status === "uploaded") ||
    datasets.some((dataset) => dataset.versions.some((version) => version.status === "checking"));
  const action = actor.permissions.has("files.write") && (
    <Button asChild>
      <Link href={`/${slug}/datasets/new`}>{t("new")}</Link>
    </Button>
  );
  const rows = datasets.map((dataset) => {
    const [latest] = dataset.versions;
    return {
      id: dataset.id,
      name: {
        value: dataset.name,
        node: (
          <Link href={`/${slug}/datasets/${dataset.id}`} className="text-accent font-medium hover:underline">
            {dataset.name}
          </Link>
        ),
      },
      state: { value: latest?.status ?? "", node: latest ? <StateBadge state={latest.status} /> : null },
      rows: {
        value: latest?.report?.accepted ?? 0,
        node: latest?.report ? format.number(latest.report.accepted) : "–",
      },
      classes: {
        value: latest?.report?.classes.length ?? 0,
        node: latest?.report ? format.number(latest.report.classes.length) : "–",
      },
      versions: dataset.versions.length,
      created: { value: dataset.createdAt.getTime(), node: <Time at={dataset.createdAt} /> },
    };
  });
  return (
    <>
      <RefreshWhile isOpen={isOpen} />
      <PageHeader title={t("title")} description={t("description")} actions={action} />
      <div className="grid gap-4">
        <Card isFlush>
          <DataTable
            rows={rows}
            rowKey="id"
            label={t("title")}
            search={rows.length > 5}
            columns={[
              { key: "name", header: t("name"), sortable: true },
              { key: "state", header: t("state"), sortable: true },
              { key: "rows", header: t("rows"), align: "right", sortable: true },
              { key: "classes", header: t("classes"), align: "right", sortable: true },
              { key: "versions", header: t("versions"), align: "right", sortable: true },
              { key: "created", header: t("created"), align: "right", sortable: true },
            ]}
            empty={
              <EmptyState icon={<Database />} title={t("empty")} text={t("emptyText")} action={action} />
            }
          />
        </Card>
        {labelling.length > 0 && <LabellingList slug={slug} found={labelling} />}
        {loose.length > 0 && (
          <Card title={t("files")} description={t("filesText")} isFlush>
            <ul className="divide-y">
              {loose.map((file) => (
                <li key={file.id}>
                  <Link
                    href={`/${slug}/datasets/files/${file.id}`}
                    className="hover:bg-hover flex items-center gap-3 px-4 py-2.5 text-sm sm:px-5"
                  >
                    <span className="min-w-0 flex-1 truncate">{file.filename}</span>
                    <span className="text-ink-3 text-xs">
                      <Time at={file.createdAt} />
                    </span>
                    <StateBadge state={file.status} />
                  </Link>
                </li>
              ))}
            </ul>
          </Card>
        )}
      </div>
    </>
  );
}
