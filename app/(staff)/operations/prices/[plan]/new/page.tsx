import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { PageHeader } from "@/components/page-header";
import { draftOf } from "@/components/sheet-drafts";
import { orNotFound, requireStaff } from "@/lib/page-session";
import { findPlan } from "@/lib/plans";
import { SheetEditor } from "./sheet-editor";

interface Props {
  params: Promise<{ plan: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("operations.prices"))("addSheet") };
}

/** New prices of a plan, written on from the newest ones. */
export default async function NewSheetPage({ params }: Props) {
  await requireStaff("operations.manage");
  const { id, name, sheets } = await orNotFound(findPlan((await params).plan));
  const t = await getTranslations("operations.prices");
  const [newest] = sheets;
  return (
    <>
      <PageHeader
        title={t("addSheet")}
        description={t("addSheetText")}
        crumbs={[
          { label: t("title"), href: "/operations/prices" },
          { label: name, href: `/operations/prices/${id}` },
        ]}
      />
      <SheetEditor
        planId={id}
        before={draftOf(newest?.sheet ?? {})}
        currency={newest?.currency ?? "EUR"}
        today={new Date().toISOString().slice(0, 10)}
      />
    </>
  );
}
