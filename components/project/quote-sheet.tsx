import { getFormatter, getLocale, getTranslations } from "next-intl/server";
import { Badge } from "@/components/badge";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { Time } from "@/components/time";
import { wordsOf } from "@/lib/document-words";
import type { Locale } from "@/lib/locale";
import type { ProjectView } from "@/lib/project-view";
import { percent, ruleText } from "@/lib/rule-text";
import type { QuoteDocument } from "@/lib/scope";
import { QuoteActions } from "./quote-actions";
import { linkOf, type Where } from "./where";

export type QuoteView = ProjectView["quotes"][number];

const TONES = {
  draft: "neutral",
  sent: "info",
  accepted: "good",
  declined: "bad",
  expired: "warn",
  withdrawn: "neutral",
  superseded: "neutral",
} as const;

interface Props {
  quotes: readonly QuoteView[];
  where: Where;
  /** What the reader may do with it. */
  may: { sign: boolean; send: boolean; approve: boolean };
}

/** The newest version in full, the earlier ones by their sums. */
export async function Quotes({ quotes, where, may }: Props) {
  const t = await getTranslations("projects.quote");
  const { amount } = wordsOf((await getLocale()) as Locale);
  const [newest, ...older] = [...quotes].reverse();
  if (!newest?.document)
    return (
      <Card title={t("title")}>
        <p className="text-ink-2 text-sm">{t(where.tenant ? "noneText" : "staffNoneText")}</p>
      </Card>
    );
  return (
    <Card
      title={`${t("title")} · ${t("version", { version: newest.version })}`}
      description={t("validUntil", { day: newest.validUntil })}
      actions={<Badge tone={TONES[newest.state]}>{t(`states.${newest.state}`)}</Badge>}
      isFlush
    >
      <Sheet quote={newest} document={newest.document} where={where} />
      {(newest.state === "sent" || newest.state === "draft") && (
        <div className="flex flex-wrap gap-2 border-t px-4 py-4 empty:hidden sm:px-5">
          <QuoteActions
            quote={{ id: newest.id, state: newest.state, version: newest.version, sha256: newest.sha256 }}
            buyer={newest.document.buyer}
            terms={newest.document.terms_version}
            where={where}
            may={may}
          />
        </div>
      )}
      {older.length > 0 && (
        <details className="border-t px-4 py-3 text-sm sm:px-5">
          <summary className="cursor-pointer font-medium">{t("olderVersions")}</summary>
          <ul className="mt-2 grid gap-1.5">
            {older.map((quote) => (
              <li key={quote.id} className="flex flex-wrap items-center gap-2">
                {t("version", { version: quote.version })}
                <Badge tone={TONES[quote.state]}>{t(`states.${quote.state}`)}</Badge>
                <span className="figures text-ink-2 ml-auto">
                  {quote.document && amount(quote.document.net, quote.currency)}
                </span>
                <PdfLink quote={quote} where={where} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </Card>
  );
}

async function PdfLink({ quote, where }: { quote: QuoteView; where: Where }) {
  const t = await getTranslations("projects.quote");
  return (
    <a className="link" href={linkOf(where, `${where.root}/quotes/${quote.id}/pdf`)}>
      {t("pdf")}
      <span className="sr-only"> {t("version", { version: quote.version })}</span>
    </a>
  );
}

async function Sheet({
  quote,
  document,
  where,
}: {
  quote: QuoteView;
  document: QuoteDocument;
  where: Where;
}) {
  const [t, format] = await Promise.all([getTranslations("projects.quote"), getFormatter()]);
  const { amount } = wordsOf((await getLocale()) as Locale);
  const { milestones, band } = document;
  const due = ({ kind, milestone_key: key }: QuoteDocument["lines"][number]) => {
    if (kind === "retainer") return t("monthly");
    const title = milestones.find((one) => one.key === key)?.title;
    return title ? t("withMilestone", { title }) : t("withSignature");
  };
  return (
    <>
      <DataTable
        label={t("title")}
        rowKey="key"
        rows={document.lines.map((line) => ({
          key: line.key,
          what: line.title,
          due: due(line),
          quantity: format.number(line.quantity),
          unit: line.unit_decimal,
          discount: line.discount_bp === 0 ? "–" : percent(line.discount_bp / 10_000),
          amount: line.amount,
        }))}
        columns={[
          { key: "what", header: t("description") },
          { key: "due", header: t("dueWith") },
          { key: "quantity", header: t("quantity"), align: "right" },
          { key: "unit", header: t("unit"), align: "right" },
          { key: "discount", header: t("discount"), align: "right" },
          { key: "amount", header: t("amount"), align: "right" },
        ]}
      />
      <p className="flex justify-between gap-4 border-t px-4 py-3 font-semibold sm:px-5">
        <span>{t("net")}</span>
        <span className="figures">{amount(document.net, document.currency)}</span>
      </p>
      <div className="grid gap-3 border-t px-4 py-4 text-sm sm:px-5">
        {milestones.length > 0 && (
          <div>
            <h3 className="font-medium">{t("milestones")}</h3>
            <ul className="text-ink-2 mt-1 grid gap-1">
              {milestones.map((one) => (
                <li key={one.key}>
                  <span className="text-ink font-medium">{one.title}</span>, {t("by", { day: one.due_on })}:{" "}
                  {ruleText(t, one.acceptance)}
                </li>
              ))}
            </ul>
          </div>
        )}
        <p className="text-ink-2">
          {t("promised")}
          {band &&
            ` ${t("forecast", { metric: band.metric, low: percent(band.low), high: percent(band.high), basis: band.basis })}`}
        </p>
        {quote.changes.length > 0 && (
          <div>
            <h3 className="font-medium">{t("changes", { version: quote.version - 1 })}</h3>
            <ul className="text-ink-2 mt-1 grid gap-1">
              {quote.changes.map(({ of, title, before, after }) => (
                <li key={`${of}${title}`}>
                  {t(`changed.${of}`, { title })}:{" "}
                  <span className="figures">
                    {before ?? t("isNew")} → {after ?? t("isGone")}
                  </span>
                </li>
              ))}
            </ul>
          </div>
        )}
        {quote.signature && (
          <p className="text-ink-2">
            {t("signedBy", {
              name: quote.signature.name,
              day: format.dateTime(quote.signature.signedAt, { dateStyle: "long", timeStyle: "short" }),
              address: quote.signature.address,
            })}
          </p>
        )}
        <p className="flex flex-wrap items-baseline gap-x-4 gap-y-1 text-xs">
          {quote.sha256 && (
            <span className="text-ink-3 font-mono break-all">{t("document", { hash: quote.sha256 })}</span>
          )}
          <PdfLink quote={quote} where={where} />
          {quote.sentAt && (
            <span className="text-ink-3">
              <Time at={quote.sentAt} form="datetime" />
            </span>
          )}
        </p>
      </div>
    </>
  );
}
