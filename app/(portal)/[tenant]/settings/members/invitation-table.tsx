"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { Badge } from "@/components/badge";
import { call } from "@/components/call";
import { ConfirmButton } from "@/components/confirm-button";
import { DataTable } from "@/components/data-table";
import { Time } from "@/components/time";
import { mayAssign, type Role } from "@/lib/permissions";

interface Waiting {
  id: string;
  email: string;
  role: Role;
  expiresAt: Date;
}

export function InvitationTable({
  slug,
  invitations,
  ownRole,
}: {
  slug: string;
  invitations: readonly Waiting[];
  ownRole: Role;
}) {
  const t = useTranslations("settings.members");
  const roleName = useTranslations("auth.roles");
  const router = useRouter();
  const withdraw = async (id: string) => {
    await call(`/api/invitations/${id}`, { method: "DELETE", tenant: slug });
    toast.success(t("withdrawn"));
    router.refresh();
  };
  const rows = invitations.map((one) => ({
    id: one.id,
    email: one.email,
    role: { value: one.role, node: <Badge>{roleName(`${one.role}.name`)}</Badge> },
    expires: { value: one.expiresAt.getTime(), node: <Time at={one.expiresAt} /> },
    action: {
      value: null,
      node: mayAssign(ownRole, one.role) && (
        <ConfirmButton
          size="sm"
          label={t("withdrawOf", { email: one.email })}
          title={t("withdrawTitle", { email: one.email })}
          text={t("withdrawText")}
          action={t("withdraw")}
          onConfirm={() => withdraw(one.id)}
        >
          {t("withdraw")}
        </ConfirmButton>
      ),
    },
  }));
  return (
    <DataTable
      rows={rows}
      rowKey="id"
      label={t("invitations")}
      columns={[
        { key: "email", header: t("email"), sortable: true },
        { key: "role", header: t("role") },
        { key: "expires", header: t("expires"), sortable: true },
        { key: "action", header: <span className="sr-only">{t("actions")}</span>, align: "right" },
      ]}
    />
  );
}
