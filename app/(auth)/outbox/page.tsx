import { Inbox } from "lucide-react";
import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Alert } from "@/components/alert";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";
import { Time } from "@/components/time";
import { env } from "@/lib/env";
import { isOutboxOpen, listOutbox } from "@/lib/mails";

export const dynamic = "force-dynamic";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("auth"))("outbox.title") };
}

/** One-time links of everybody: only for whoever sits at the machine that it runs on. */
export default async function OutboxPage() {
  if (!isOutboxOpen((await headers()).get("host"))) notFound();
  const [t, mails] = await Promise.all([getTranslations("auth"), listOutbox()]);
  return (
    <div className="w-full max-w-2xl">
      <PageHeader title={t("outbox.title")} />
      <Alert tone="info">{t("outbox.text")}</Alert>
      <div className="bg-surface mt-4 divide-y rounded-lg border shadow-xs">
        {mails.length === 0 && (
          <EmptyState icon={<Inbox />} title={t("outbox.emptyTitle")} text={t("outbox.emptyText")} />
        )}
        {mails.map((mail) => (
          <article key={mail.id} className="px-4 py-4 sm:px-5">
            <div className="flex flex-wrap items-baseline justify-between gap-x-4">
              <h2 className="text-base font-semibold">{mail.subject}</h2>
              <span className="text-ink-3 text-xs">
                <Time at={mail.createdAt} />
              </span>
            </div>
            <p className="text-ink-3 text-xs">{t("outbox.to", { email: mail.toEmail })}</p>
            <p className="text-ink-2 mt-3 text-sm break-words whitespace-pre-wrap">{withLinks(mail.body)}</p>
          </article>
        ))}
      </div>
    </div>
  );
}

/** Our own links become paths, so that they open under the name by which the page was reached. */
function withLinks(body: string): ReactNode[] {
  const own = new URL(env().publicUrl).origin;
  return body.split(/(https?:\/\/\S+)/).map((part, at) => {
    if (at % 2 === 0 || !URL.canParse(part) || new URL(part).origin !== own) return part;
    return (
      <a key={at} href={part.slice(own.length) || "/"} className="link break-all">
        {part}
      </a>
    );
  });
}
