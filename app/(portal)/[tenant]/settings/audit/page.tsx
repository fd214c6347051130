import { ScrollText } from "lucide-react";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { Time } from "@/components/time";
import { listAudit } from "@/lib/audit";
import { listKeys } from "@/lib/keys";
import { listMembers } from "@/lib/members";
import { requireMember } from "@/lib/page-session";
import { detailOf } from "./detail";

const SHOWN = 300;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("settings.nav"))("audit") };
}

export default async function AuditPage({ params }: { params: Promise<{ tenant: string }> }) {
  const { tenant: slug } = await params;
  const { actor } = await requireMember(slug, "audit.read");
  const [events, members, keys, t, roleName] = await Promise.all([
    listAudit(actor.tenantId, SHOWN),
    listMembers(actor.tenantId),
    listKeys(actor.tenantId),
    getTranslations("settings.audit"),
    getTranslations("auth.roles"),
  ]);
  const words = {
    nameOf: (key: string) => (t.has(`details.${key}`) ? t(`details.${key}`) : key),
    roleOf: (role: string) => (roleName.has(`${role}.name`) ? roleName(`${role}.name`) : role),
    yes: t("yes"),
    no: t("no"),
  };
  const names = new Map([
    ...members.map((one) => [one.userId, one.name] as const),
    ...keys.map((one) => [one.id, t("key", { name: one.name })] as const),
    ["system", t("platform")] as const,
    [actor.tenantId, t("organisation")] as const,
  ]);
  const rows = events.map((event) => {
    const action = event.action.replace(".", "_");
    const detail = detailOf(event.data, words);
    return {
      id: event.id,
      at: { value: event.createdAt.getTime(), node: <Time at={event.createdAt} form="datetime" /> },
      // Who is neither a member any more nor a key was one once, or is staff.
      actor: names.get(event.actor) ?? t("formerOrStaff"),
      action: t.has(`actions.${action}`) ? t(`actions.${action}`) : event.action,
      target: {
        value: `${names.get(event.target) ?? event.target} ${detail}`,
        node: (
          <span className="block break-words">
            {names.get(event.target) ?? <code className="text-xs break-all">{event.target}</code>}
            {detail !== "" && <span className="text-ink-3 block text-xs break-words">{detail}</span>}
          </span>
        ),
      },
    };
  });
  return (
    <Card title={t("title")} description={t("text", { count: SHOWN })} isFlush>
      <DataTable
        rows={rows}
        rowKey="id"
        label={t("title")}
        search
        columns={[
          { key: "at", header: t("at"), sortable: true },
          { key: "actor", header: t("actor"), sortable: true },
          { key: "action", header: t("action"), sortable: true },
          { key: "target", header: t("target") },
        ]}
        empty={<EmptyState icon={<ScrollText />} title={t("empty")} text={t("emptyText")} />}
      />
    </Card>
  );
}
