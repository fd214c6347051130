"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { Badge } from "@/components/badge";
import { call } from "@/components/call";
import { ConfirmButton } from "@/components/confirm-button";
import { DataTable } from "@/components/data-table";
import { Select } from "@/components/field";
import { Time } from "@/components/time";
import { useAct } from "@/components/use-act";
import type { ListedMember } from "@/lib/members";
import { mayAssign, ROLE_NAMES, type Role } from "@/lib/permissions";

interface Props {
  slug: string;
  members: readonly ListedMember[];
  ownId: string;
  /** Null for those who may only look. */
  ownRole: Role | null;
}

export function MemberTable({ slug, members, ownId, ownRole }: Props) {
  const t = useTranslations("settings.members");
  const roleName = useTranslations("auth.roles");
  const router = useRouter();
  const mayChange = (member: ListedMember) =>
    ownRole !== null && member.userId !== ownId && mayAssign(ownRole, member.role);
  const remove = async (member: ListedMember) => {
    await call(`/api/members/${member.userId}`, { method: "DELETE", tenant: slug });
    toast.success(t("removed", { name: member.name }));
    router.refresh();
  };
  const rows = members.map((member) => ({
    id: member.userId,
    name: {
      value: `${member.name} ${member.email}`,
      node: (
        <span className="block min-w-0">
          <span className="font-medium">{member.name}</span>
          {member.userId === ownId && <Badge className="ml-2">{t("you")}</Badge>}
          <span className="text-ink-3 block text-xs break-all">{member.email}</span>
        </span>
      ),
    },
    role: {
      value: member.role,
      node:
        mayChange(member) && ownRole ? (
          <RoleSelect slug={slug} member={member} ownRole={ownRole} />
        ) : (
          <Badge>{roleName(`${member.role}.name`)}</Badge>
        ),
    },
    since: { value: member.createdAt.getTime(), node: <Time at={member.createdAt} form="date" /> },
    action: {
      value: null,
      node: mayChange(member) && (
        <ConfirmButton
          size="sm"
          label={t("removeOf", { name: member.name })}
          title={t("removeTitle", { name: member.name })}
          text={t("removeText")}
          action={t("remove")}
          onConfirm={() => remove(member)}
        >
          {t("remove")}
        </ConfirmButton>
      ),
    },
  }));
  return (
    <DataTable
      rows={rows}
      rowKey="id"
      label={t("title")}
      search={members.length > 8}
      columns={[
        { key: "name", header: t("person"), sortable: true },
        { key: "role", header: t("role"), sortable: true },
        { key: "since", header: t("since"), sortable: true },
        ...(ownRole
          ? [
              {
                key: "action",
                header: <span className="sr-only">{t("actions")}</span>,
                align: "right" as const,
              },
            ]
          : []),
      ]}
    />
  );
}

function RoleSelect({ slug, member, ownRole }: { slug: string; member: ListedMember; ownRole: Role }) {
  const t = useTranslations("settings.members");
  const roleName = useTranslations("auth.roles");
  const [role, setRole] = useState<Role>(member.role);
  const { isBusy, act } = useAct();
  const change = (next: Role) => {
    setRole(next);
    return act(
      () => call(`/api/members/${member.userId}`, { method: "PATCH", tenant: slug, body: { role: next } }),
      t("roleChanged", { name: member.name, role: roleName(`${next}.name`) }),
      () => setRole(member.role),
    );
  };
  return (
    <Select
      aria-label={t("roleOf", { name: member.name })}
      value={role}
      disabled={isBusy}
      onChange={(event) => change(event.currentTarget.value as Role)}
      className="w-36"
    >
      {ROLE_NAMES.filter((one) => mayAssign(ownRole, one)).map((one) => (
        <option key={one} value={one}>
          {roleName(`${one}.name`)}
        </option>
      ))}
    </Select>
  );
}
