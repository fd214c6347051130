"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Badge, type Tone } from "@/components/badge";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { CodeBlock } from "@/components/code-block";
import { ConfirmButton } from "@/components/confirm-button";
import { DataTable } from "@/components/data-table";
import { Dialog } from "@/components/dialog";
import { Time } from "@/components/time";
import { useAct } from "@/components/use-act";
import type { deliveryToWire, endpointToWire } from "@/lib/webhooks";

type Endpoint = ReturnType<typeof endpointToWire>;
type Delivery = ReturnType<typeof deliveryToWire>;

const TONES: Record<Delivery["state"], Tone> = { pending: "info", delivered: "good", failed: "bad" };

/** One endpoint: how it stands, what can be done with it, and its log. */
export function EndpointCard({
  slug,
  endpoint,
  deliveries,
}: {
  slug: string;
  endpoint: Endpoint;
  deliveries: readonly Delivery[];
}) {
  const t = useTranslations("settings.webhooks");
  const router = useRouter();
  const { isBusy, act } = useAct();
  const path = `/v1/webhook_endpoints/${endpoint.id}`;
  const post = (end: string, body?: object) => call(`${path}/${end}`, { tenant: slug, method: "POST", body });
  const enable = (enabled: boolean) => call(path, { tenant: slug, method: "PATCH", body: { enabled } });
  const hasFailed = deliveries.some(({ state }) => state === "failed");
  return (
    <Card
      title={<span className="break-all">{endpoint.url}</span>}
      description={endpoint.description || undefined}
      isFlush
      actions={
        <>
          <Badge tone={endpoint.enabled ? "good" : "warn"}>
            {endpoint.enabled
              ? t("on")
              : t(endpoint.disabled_because ? `because.${endpoint.disabled_because}` : "off")}
          </Badge>
          <Button
            size="sm"
            variant="secondary"
            disabled={isBusy || !endpoint.enabled}
            onClick={() => act(() => post("test"), t("tested"))}
          >
            {t("test")}
          </Button>
          {hasFailed && (
            <Button
              size="sm"
              variant="secondary"
              disabled={isBusy || !endpoint.enabled}
              onClick={() => act(() => post("replay", {}), t("replayed"))}
            >
              {t("replayFailed")}
            </Button>
          )}
          <Rotate slug={slug} path={path} />
          <Button
            size="sm"
            variant="ghost"
            disabled={isBusy}
            onClick={() => act(() => enable(!endpoint.enabled))}
          >
            {t(endpoint.enabled ? "disable" : "enable")}
          </Button>
          <ConfirmButton
            size="sm"
            variant="ghost"
            title={t("deleteTitle")}
            text={t("deleteText")}
            action={t("delete")}
            onConfirm={async () => {
              await call(path, { tenant: slug, method: "DELETE" });
              router.refresh();
            }}
          >
            {t("delete")}
          </ConfirmButton>
        </>
      }
    >
      <p className="text-ink-3 border-b px-4 py-2 text-xs sm:px-5">
        {endpoint.events.length === 0 ? t("allEvents") : endpoint.events.join(", ")}
      </p>
      <DataTable
        rows={deliveries.map((delivery) => ({
          id: delivery.id,
          type: { value: delivery.type, node: <code className="text-xs">{delivery.type}</code> },
          state: {
            value: delivery.state,
            node: <Badge tone={TONES[delivery.state]}>{t(`states.${delivery.state}`)}</Badge>,
          },
          last: {
            value: delivery.attempts.at(-1)?.status ?? null,
            node: <LastAttempt delivery={delivery} />,
          },
          created: { value: delivery.created, node: <Time at={delivery.created} /> },
          more: {
            value: null,
            node: (
              <span className="flex justify-end gap-1">
                <Payload delivery={delivery} />
                <Button
                  size="sm"
                  variant="ghost"
                  disabled={isBusy || !endpoint.enabled}
                  aria-label={t("replayOf", { id: delivery.event })}
                  onClick={() => act(() => post("replay", { delivery: delivery.id }), t("replayed"))}
                >
                  {t("replay")}
                </Button>
              </span>
            ),
          },
        }))}
        rowKey="id"
        pageSize={10}
        label={t("log", { url: endpoint.url })}
        columns={[
          { key: "type", header: t("event"), sortable: true },
          { key: "state", header: t("state"), sortable: true },
          { key: "last", header: t("last"), sortable: true },
          { key: "created", header: t("when"), sortable: true },
          { key: "more", header: <span className="sr-only">{t("replay")}</span>, align: "right" },
        ]}
        empty={<p className="text-ink-3 px-5 py-6 text-center text-sm">{t("noDeliveries")}</p>}
      />
    </Card>
  );
}

function LastAttempt({ delivery: { attempts, next_attempt_at: next } }: { delivery: Delivery }) {
  const t = useTranslations("settings.webhooks");
  const last = attempts.at(-1);
  return (
    <span className="text-ink-2 text-xs">
      {last
        ? t("attempt", { count: attempts.length, result: last.error ?? String(last.status), ms: last.ms })
        : "–"}
      {next !== null && attempts.length > 0 && (
        <>
          {" "}
          {t("next")} <Time at={next} />
        </>
      )}
    </span>
  );
}

function Payload({ delivery }: { delivery: Delivery }) {
  const t = useTranslations("settings.webhooks");
  return (
    <Dialog
      title={delivery.type}
      description={delivery.event}
      trigger={
        <Button size="sm" variant="ghost" aria-label={t("payloadOf", { id: delivery.event })}>
          {t("payload")}
        </Button>
      }
    >
      <div className="grid gap-4">
        <CodeBlock language="JSON" code={JSON.stringify(JSON.parse(delivery.body), null, 2)} />
        <ol className="grid gap-1 text-xs">
          {delivery.attempts.map(({ at, status, ms, error }) => (
            <li key={at} className="flex flex-wrap gap-x-3">
              <Time at={at} form="datetime" />
              <span>{error ?? status}</span>
              <span className="text-ink-3">{ms} ms</span>
            </li>
          ))}
        </ol>
      </div>
    </Dialog>
  );
}

function Rotate({ slug, path }: { slug: string; path: string }) {
  const t = useTranslations("settings.webhooks");
  const [secret, setSecret] = useState<string | null>(null);
  const { isBusy, act } = useAct();
  const rotate = async () => {
    const made = await call<{ secret: string }>(`${path}/rotate`, { tenant: slug, method: "POST" });
    setSecret(made.secret);
  };
  return (
    <Dialog
      title={t("rotate")}
      description={secret === null ? t("rotateText") : t("secretText")}
      onOpenChange={(open) => !open && setSecret(null)}
      trigger={
        <Button size="sm" variant="ghost">
          {t("rotate")}
        </Button>
      }
    >
      {secret === null ? (
        <Button isLoading={isBusy} onClick={() => act(rotate)}>
          {t("rotate")}
        </Button>
      ) : (
        <CodeBlock language={t("secret")} code={secret} />
      )}
    </Dialog>
  );
}
