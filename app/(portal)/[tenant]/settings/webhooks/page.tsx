import { Webhook } from "lucide-react";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { EmptyState } from "@/components/empty-state";
import { requireMember } from "@/lib/page-session";
import { deliveryToWire, endpointToWire, listDeliveries, listEndpoints } from "@/lib/webhooks";
import { CreateEndpoint } from "./create-endpoint";
import { EndpointCard } from "./endpoint-card";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("settings.nav"))("webhooks") };
}

const SHOWN = 50;

/** Where this organisation's own programs are told of what happens, and what was delivered. */
export default async function WebhooksPage({ params }: { params: Promise<{ tenant: string }> }) {
  const { tenant: slug } = await params;
  const { actor } = await requireMember(slug, "webhooks.manage");
  const [endpoints, t] = await Promise.all([
    listEndpoints(actor.tenantId),
    getTranslations("settings.webhooks"),
  ]);
  const deliveries = await Promise.all(
    endpoints.map(({ id }) => listDeliveries(actor.tenantId, id, { limit: SHOWN })),
  );
  const create = <CreateEndpoint slug={slug} />;
  return (
    <div className="grid gap-4">
      <Card title={t("title")} description={t("text")} actions={endpoints.length > 0 && create}>
        {endpoints.length === 0 ? (
          <EmptyState icon={<Webhook />} title={t("empty")} text={t("emptyText")} action={create} />
        ) : undefined}
      </Card>
      {endpoints.map((endpoint, n) => (
        <EndpointCard
          key={endpoint.id}
          slug={slug}
          endpoint={endpointToWire(endpoint)}
          deliveries={(deliveries[n]?.data ?? []).map(deliveryToWire)}
        />
      ))}
    </div>
  );
}
