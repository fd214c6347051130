import {
  Activity,
  Boxes,
  BriefcaseBusiness,
  Database,
  Gauge,
  Layers,
  LayoutDashboard,
  MessageSquareText,
  Receipt,
  Settings,
  Signpost,
} from "lucide-react";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Alert } from "@/components/alert";
import { AppShell } from "@/components/app-shell";
import { requireMember } from "@/lib/page-session";
import type { Permission } from "@/lib/permissions";

/** Every page here reads the session and the tenant's rows on each request. */
export const dynamic = "force-dynamic";

/** Places of the portal and what one must be allowed to see them; a tester is left with the console. */
const PLACES = [
  { path: "", name: "overview", icon: <LayoutDashboard />, permission: "tenant.read" },
  { path: "/datasets", name: "datasets", icon: <Database />, permission: "files.read" },
  { path: "/jobs", name: "jobs", icon: <Activity />, permission: "jobs.read" },
  { path: "/models", name: "models", icon: <Boxes />, permission: "jobs.read" },
  { path: "/deployments", name: "deployments", icon: <Signpost />, permission: "jobs.read" },
  { path: "/console", name: "console", icon: <MessageSquareText />, permission: "predictions.create" },
  { path: "/batches", name: "batches", icon: <Layers />, permission: "files.read" },
  { path: "/usage", name: "usage", icon: <Gauge />, permission: "usage.read" },
  { path: "/projects", name: "projects", icon: <BriefcaseBusiness />, permission: "projects.read" },
  { path: "/billing", name: "billing", icon: <Receipt />, permission: "billing.read" },
  { path: "/settings", name: "settings", icon: <Settings />, permission: "members.read" },
] as const satisfies { path: string; name: string; icon: ReactNode; permission: Permission }[];

export default async function PortalLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ tenant: string }>;
}) {
  const { tenant: slug } = await params;
  const { person, actor, membership, memberships } = await requireMember(slug);
  const [t, suspended, prospect, overdue] = await Promise.all([
    getTranslations("portal.nav"),
    getTranslations("portal.suspended"),
    getTranslations("portal.prospect"),
    getTranslations("portal.overdue"),
  ]);
  const nav = PLACES.filter((place) => actor.permissions.has(place.permission)).map((place) => ({
    href: `/${slug}${place.path}`,
    label: t(place.name),
    icon: place.icon,
  }));
  return (
    <AppShell
      nav={nav}
      tenant={{ slug, name: membership.name }}
      tenants={memberships.map((one) => ({ slug: one.slug, name: one.name }))}
      person={{ name: person.name, email: person.email }}
      area="portal"
      links={person.staffRole === null ? [] : [{ href: "/desk", label: t("desk") }]}
    >
      {membership.state === "suspended" && (
        <div className="mb-5">
          <Alert tone="warn" title={suspended("title")}>
            {suspended("text")}
          </Alert>
        </div>
      )}
      {membership.state === "past_due" && (
        <div className="mb-5">
          <Alert tone="warn" title={overdue("title")}>
            {overdue(actor.settings.callsRefused ? "callsRefused" : "trainingsPaused")}{" "}
            <Link className="link" href={`/${slug}/billing`}>
              {overdue("link")}
            </Link>
          </Alert>
        </div>
      )}
      {membership.state === "prospect" && (
        <div className="mb-5">
          <Alert title={prospect("title")}>
            {prospect("text")}{" "}
            <Link className="link" href={`/${slug}/projects`}>
              {prospect("link")}
            </Link>
          </Alert>
        </div>
      )}
      {children}
    </AppShell>
  );
}
