import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { requireMember } from "@/lib/page-session";
import { NameForm } from "./name-form";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("settings.nav"))("title") };
}

export default async function GeneralPage({ params }: { params: Promise<{ tenant: string }> }) {
  const { tenant: slug } = await params;
  const { actor, membership } = await requireMember(slug, "members.read");
  const t = await getTranslations("settings.general");
  return (
    <div className="grid gap-4">
      <Card title={t("title")}>
        {actor.permissions.has("settings.manage") ? (
          <NameForm slug={slug} name={membership.name} />
        ) : (
          <p className="text-sm">{membership.name}</p>
        )}
        <dl className="mt-5 grid gap-1 text-sm">
          <dt className="font-medium">{t("slug")}</dt>
          <dd className="font-mono text-xs">{slug}</dd>
          <dd className="text-ink-3 text-xs">{t("slugHint")}</dd>
        </dl>
      </Card>
      <Card title={t("storage")}>
        <p className="text-ink-2 max-w-prose text-sm">{t("storageText")}</p>
      </Card>
    </div>
  );
}
