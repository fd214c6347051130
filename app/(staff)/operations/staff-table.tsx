import { useTranslations } from "next-intl";
import { Badge } from "@/components/badge";
import { DataTable } from "@/components/data-table";
import type { StaffRole } from "@/lib/permissions";

interface Member {
  userId: string;
  name: string;
  email: string;
  role: StaffRole;
}

/** Who looks after customers. Staff come and go by the operator's command, so here they are only listed. */
export function StaffTable({ staff }: { staff: readonly Member[] }) {
  const t = useTranslations("settings.staff");
  const rows = staff.map((one) => ({
    id: one.userId,
    name: { value: one.name, node: <span className="font-medium">{one.name}</span> },
    email: { value: one.email, node: <span className="wrap-anywhere">{one.email}</span> },
    role: { value: t(`roles.${one.role}`), node: <Badge>{t(`roles.${one.role}`)}</Badge> },
  }));
  return (
    <DataTable
      rows={rows}
      rowKey="id"
      label={t("people")}
      search={staff.length > 8}
      columns={[
        { key: "name", header: t("person"), sortable: true },
        { key: "email", header: t("email"), sortable: true },
        { key: "role", header: t("role"), sortable: true },
      ]}
    />
  );
}
