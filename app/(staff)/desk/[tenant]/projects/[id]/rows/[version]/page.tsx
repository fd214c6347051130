import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { PageHeader } from "@/components/page-header";
import { rowsByGrant } from "@/lib/access-grants";
import { orNotFound, requireStaff } from "@/lib/page-session";
import { projectView } from "@/lib/project-view";
import { customerOf } from "@/lib/staff";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("projects.grants"))("see") };
}

const textOf = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** Rows of the customer, for the one whom the customer allowed to see them. */
export default async function RowsPage({
  params,
}: {
  params: Promise<{ tenant: string; id: string; version: string }>;
}) {
  const { tenant: slug, id, version } = await params;
  const person = await requireStaff("desk.read");
  const { tenantId, name } = await orNotFound(customerOf(person, slug));
  const view = await orNotFound(projectView(tenantId, id, "staff"));
  const rows = await orNotFound(rowsByGrant(tenantId, version, person.userId));
  const t = await getTranslations("projects.grants");
  const set = view.sets.find((one) => one.id === version)?.name ?? version;
  return (
    <>
      <PageHeader
        title={t("rowsTitle", { set })}
        description={t("rowsText", { count: rows.length })}
        crumbs={[
          { label: name, href: `/desk/${slug}` },
          { label: view.project.title, href: `/desk/${slug}/projects/${id}` },
        ]}
      />
      <Card isFlush>
        <DataTable
          rowKey="line"
          label={t("rowsTitle", { set })}
          search
          rows={rows.map(({ line, input, target }) => ({
            line,
            input: textOf(input),
            target: textOf(target),
          }))}
          columns={[
            { key: "line", header: t("line"), align: "right" },
            { key: "input", header: t("input") },
            { key: "target", header: t("target"), sortable: true },
          ]}
        />
      </Card>
    </>
  );
}
