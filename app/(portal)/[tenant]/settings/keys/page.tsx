import { KeyRound } from "lucide-react";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { EmptyState } from "@/components/empty-state";
import { env } from "@/lib/env";
import { listKeys } from "@/lib/keys";
import { requireMember } from "@/lib/page-session";
import { KEY_SCOPES } from "@/lib/permissions";
import { CreateKey } from "./create-key";
import { KeyTable } from "./key-table";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("settings.nav"))("keys") };
}

export default async function KeysPage({ params }: { params: Promise<{ tenant: string }> }) {
  const { tenant: slug } = await params;
  const { actor } = await requireMember(slug, "keys.manage");
  const [keys, t] = await Promise.all([listKeys(actor.tenantId), getTranslations("settings.keys")]);
  const scopes = KEY_SCOPES.filter((scope) => actor.permissions.has(scope));
  const create = <CreateKey slug={slug} scopes={scopes} address={env().publicUrl} />;
  return (
    <Card title={t("title")} description={t("text")} actions={keys.length > 0 && create} isFlush>
      {keys.length === 0 ? (
        <EmptyState icon={<KeyRound />} title={t("empty")} text={t("emptyText")} action={create} />
      ) : (
        <KeyTable slug={slug} keys={keys} now={Date.now()} />
      )}
    </Card>
  );
}
