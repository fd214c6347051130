import { BriefcaseBusiness, ServerCog } from "lucide-react";
import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { AppShell } from "@/components/app-shell";
import { membershipsOfPerson, requireStaff } from "@/lib/page-session";
import { staffMay } from "@/lib/session";

export const dynamic = "force-dynamic";

/** Staff see names, states and counts of customers; never a row of theirs. */
export default async function StaffLayout({ children }: { children: ReactNode }) {
  const person = await requireStaff("desk.read");
  const [memberships, t] = await Promise.all([
    membershipsOfPerson(person),
    getTranslations("settings.staff"),
  ]);
  const desk = { href: "/desk", label: t("desk"), icon: <BriefcaseBusiness /> };
  const operations = { href: "/operations", label: t("operations"), icon: <ServerCog /> };
  return (
    <AppShell
      nav={staffMay(person, "operations.read") ? [desk, operations] : [desk]}
      tenant={null}
      tenants={memberships.map(({ slug, name }) => ({ slug, name }))}
      person={{ name: person.name, email: person.email }}
      area="staff"
    >
      {children}
    </AppShell>
  );
}
