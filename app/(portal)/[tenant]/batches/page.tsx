import { Layers } from "lucide-react";
import type { Metadata } from "next";
import { getFormatter, getTranslations } from "next-intl/server";
import { Badge, type Tone } from "@/components/badge";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { Progress } from "@/components/progress";
import { Time } from "@/components/time";
import { RefreshWhile } from "@/components/use-refresh";
import { type Batch, batchToWire, listBatches } from "@/lib/batches";
import { listDeployments } from "@/lib/deployments";
import { listModels } from "@/lib/models";
import { requireMember } from "@/lib/page-session";
import { inputNames, taskOf } from "@/lib/tasks";
import { BatchActions } from "./batch-actions";
import { OrderBatch } from "./order-batch";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("portal.nav"))("batches") };
}

const SHOWN = 100;
const MOVING: readonly Batch["state"][] = ["validating", "in_progress", "finalizing", "cancelling"];
const TONES: Record<Batch["state"], Tone> = {
  validating: "info",
  in_progress: "info",
  finalizing: "info",
  cancelling: "warn",
  completed: "good",
  cancelled: "neutral",
  expired: "warn",
  failed: "bad",
};

/** Many rows at once: ordered from a spreadsheet here or as requests by a client, answered when there is room. */
export default async function BatchesPage({ params }: { params: Promise<{ tenant: string }> }) {
  const { tenant: slug } = await params;
  const { actor } = await requireMember(slug, "files.read");
  const mayOrder = actor.permissions.has("predictions.create") && actor.permissions.has("files.write");
  const [{ data }, models, deployed, t, format] = await Promise.all([
    listBatches(actor.tenantId, { limit: SHOWN }),
    listModels(actor.tenantId),
    listDeployments(actor.tenantId),
    getTranslations("serving.batches"),
    getFormatter(),
  ]);
  const choices = [
    ...deployed.map(({ deployment: { name }, model }) => ({ name, model })),
    ...models
      .filter(({ checkpointStep }) => checkpointStep === null)
      .map((model) => ({ name: model.name, model })),
  ].map(({ name, model: { task, report } }) => ({
    name,
    roles: report.columns ? [] : inputNames(taskOf(task)),
  }));
  const order = mayOrder && choices.length > 0 && <OrderBatch slug={slug} choices={choices} />;
  const rows = data.map((batch) => {
    const { total, completed, failed, state } = batch;
    return {
      id: batch.id,
      name: {
        value: batch.id,
        node: <code className="text-xs break-all">{batch.table?.model ?? batch.endpoint}</code>,
      },
      state: { value: state, node: <Badge tone={TONES[state]}>{t(`states.${state}`)}</Badge> },
      progress: {
        value: completed + failed,
        node: (
          <Progress
            value={total === 0 ? null : (completed + failed) / total}
            label={t("counts", { done: format.number(completed + failed), total: format.number(total) })}
            hint={failed > 0 ? t("failedCount", { count: failed }) : undefined}
          />
        ),
      },
      why: batch.errors[0]?.message ?? "–",
      created: { value: batch.createdAt.getTime(), node: <Time at={batch.createdAt} /> },
      actions: {
        value: null,
        node: <BatchActions slug={slug} batch={batchToWire(batch)} mayCancel={mayOrder} />,
      },
    };
  });
  return (
    <>
      <PageHeader title={t("title")} description={t("text")} actions={data.length > 0 && order} />
      <RefreshWhile isOpen={data.some(({ state }) => MOVING.includes(state))} />
      <Card isFlush>
        <DataTable
          rows={rows}
          rowKey="id"
          label={t("title")}
          pageSize={20}
          columns={[
            { key: "name", header: t("asked"), sortable: true },
            { key: "state", header: t("state"), sortable: true },
            { key: "progress", header: t("progress"), sortable: true },
            { key: "why", header: t("why") },
            { key: "created", header: t("created"), sortable: true },
            { key: "actions", header: <span className="sr-only">{t("download")}</span>, align: "right" },
          ]}
          empty={
            <EmptyState
              icon={<Layers />}
              title={t("empty")}
              text={t(choices.length > 0 ? "emptyText" : "noModels")}
              action={order}
            />
          }
        />
      </Card>
    </>
  );
}
