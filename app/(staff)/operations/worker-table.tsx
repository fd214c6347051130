import { useTranslations } from "next-intl";
import { Badge } from "@/components/badge";
import { DataTable } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import type { Backend } from "@/lib/ml/contract";

interface Worker {
  id: string;
  host: string;
  backend: Backend | null;
}

/** The workers that live, what they compute with, and the command that would make one faster. */
export function WorkerTable({ workers }: { workers: readonly Worker[] }) {
  const t = useTranslations("settings.staff");
  const rows = workers.map(({ id, host, backend }) => ({
    id,
    host: { value: host, node: <span className="wrap-anywhere font-medium">{host}</span> },
    backend: { value: backend?.label ?? "", node: <Computes backend={backend} /> },
    tuning: {
      value: String(backend?.canTune ?? ""),
      node: backend && (
        <Badge tone={backend.canTune ? "good" : "warn"}>
          {t(backend.canTune ? "tuningPossible" : "tuningImpossible")}
        </Badge>
      ),
    },
  }));
  return (
    <DataTable
      rows={rows}
      rowKey="id"
      label={t("workers")}
      empty={<EmptyState title={t("noWorkers")} text={t("noWorkersText")} />}
      columns={[
        { key: "host", header: t("host"), sortable: true },
        { key: "backend", header: t("computesWith"), sortable: true },
        { key: "tuning", header: t("tuning") },
      ]}
    />
  );
}

function Computes({ backend }: { backend: Backend | null }) {
  const t = useTranslations("settings.staff");
  if (!backend) return <span className="text-ink-3">{t("notLooked")}</span>;
  return (
    <div className="grid gap-1">
      <span>{backend.label}</span>
      {backend.missing && (
        <>
          <span className="text-ink-3 text-xs">{t("missing", { reason: backend.missing.reason })}</span>
          <code className="font-mono text-xs break-all">{backend.missing.command}</code>
        </>
      )}
    </div>
  );
}
