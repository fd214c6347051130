"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { Badge } from "@/components/badge";
import { call } from "@/components/call";
import { ConfirmButton } from "@/components/confirm-button";
import { DataTable } from "@/components/data-table";
import { Time } from "@/components/time";
import type { ListedKey } from "@/lib/keys";

const TONES = { active: "good", expired: "warn", revoked: "neutral" } as const;

function stateOf(key: ListedKey, now: number): keyof typeof TONES {
  if (key.revokedAt) return "revoked";
  return key.expiresAt && key.expiresAt.getTime() <= now ? "expired" : "active";
}

/** `now` comes from the server, so that both renderings agree. */
export function KeyTable({ slug, keys, now }: { slug: string; keys: readonly ListedKey[]; now: number }) {
  const t = useTranslations("settings.keys");
  const router = useRouter();
  const revoke = async (key: ListedKey) => {
    await call(`/api/keys/${key.id}`, { method: "DELETE", tenant: slug });
    toast.success(t("revoked", { name: key.name }));
    router.refresh();
  };
  const rows = keys.map((key) => {
    const state = stateOf(key, now);
    return {
      id: key.id,
      name: {
        value: `${key.name} ${key.start}`,
        node: (
          <span className="block">
            <span className="font-medium">{key.name}</span>
            <span className="text-ink-3 block font-mono text-xs">{key.start}…</span>
            {key.requestsPerMinute !== null && (
              <span className="text-ink-3 block text-xs">
                {t("requestsAMinute", { count: key.requestsPerMinute })}
              </span>
            )}
            {key.tokensPerMinute !== null && (
              <span className="text-ink-3 block text-xs">
                {t("tokensAMinute", { count: key.tokensPerMinute })}
              </span>
            )}
          </span>
        ),
      },
      state: { value: state, node: <Badge tone={TONES[state]}>{t(`states.${state}`)}</Badge> },
      scopes: {
        value: key.scopes.join(" "),
        node: (
          <span className="inline-flex max-w-72 flex-wrap justify-end gap-1 sm:justify-start">
            {key.scopes.map((scope) => (
              <code key={scope} className="bg-sunken text-ink-2 rounded-xs px-1 text-xs">
                {scope}
              </code>
            ))}
          </span>
        ),
      },
      creator: key.creatorName ?? "–",
      used: {
        value: key.lastUsedAt?.getTime() ?? null,
        node: key.lastUsedAt ? <Time at={key.lastUsedAt} /> : t("never"),
      },
      expires: {
        value: key.expiresAt?.getTime() ?? null,
        node: key.expiresAt ? <Time at={key.expiresAt} form="date" /> : t("noExpiry"),
      },
      action: {
        value: null,
        node: state === "active" && (
          <ConfirmButton
            size="sm"
            label={t("revokeOf", { name: key.name })}
            title={t("revokeTitle", { name: key.name })}
            text={t("revokeText")}
            action={t("revoke")}
            onConfirm={() => revoke(key)}
          >
            {t("revoke")}
          </ConfirmButton>
        ),
      },
    };
  });
  return (
    <DataTable
      rows={rows}
      rowKey="id"
      label={t("title")}
      search={keys.length > 8}
      columns={[
        { key: "name", header: t("name"), sortable: true },
        { key: "state", header: t("state"), sortable: true },
        { key: "scopes", header: t("scopes") },
        { key: "creator", header: t("creator"), sortable: true },
        { key: "used", header: t("lastUsed"), sortable: true },
        { key: "expires", header: t("expires"), sortable: true },
        { key: "action", header: <span className="sr-only">{t("actions")}</span>, align: "right" },
      ]}
    />
  );
}
