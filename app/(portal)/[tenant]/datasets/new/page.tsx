import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { PageHeader } from "@/components/page-header";
import { env } from "@/lib/env";
import { requireMember } from "@/lib/page-session";
import { UploadFiles } from "./upload-files";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("portal.upload"))("title") };
}

export default async function NewDatasetPage({ params }: { params: Promise<{ tenant: string }> }) {
  const { tenant: slug } = await params;
  await requireMember(slug, "files.write");
  const t = await getTranslations("portal");
  return (
    <>
      <PageHeader
        title={t("upload.title")}
        description={t("upload.description")}
        crumbs={[{ label: t("datasets.title"), href: `/${slug}/datasets` }]}
      />
      <UploadFiles slug={slug} maxMegabytes={env().GRAFT_MAX_UPLOAD_MB} />
    </>
  );
}
