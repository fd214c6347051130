import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { PageHeader } from "@/components/page-header";
import { requireMember } from "@/lib/page-session";
import type { Permission } from "@/lib/permissions";
import { SettingsNav } from "./settings-nav";

const PLACES = [
  { path: "", name: "general", permission: "members.read" },
  { path: "/members", name: "members", permission: "members.read" },
  { path: "/keys", name: "keys", permission: "keys.manage" },
  { path: "/webhooks", name: "webhooks", permission: "webhooks.manage" },
  { path: "/audit", name: "audit", permission: "audit.read" },
] as const satisfies { path: string; name: string; permission: Permission }[];

export default async function SettingsLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ tenant: string }>;
}) {
  const { tenant: slug } = await params;
  const { actor } = await requireMember(slug, "members.read");
  const t = await getTranslations("settings.nav");
  const links = PLACES.filter((place) => actor.permissions.has(place.permission)).map((place) => ({
    href: `/${slug}/settings${place.path}`,
    label: t(place.name),
  }));
  return (
    <>
      <PageHeader title={t("title")} />
      <SettingsNav label={t("title")} links={links} />
      {children}
    </>
  );
}
