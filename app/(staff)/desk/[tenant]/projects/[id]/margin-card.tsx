import { getLocale, getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { Stat } from "@/components/stat";
import { wordsOf } from "@/lib/document-words";
import type { Locale } from "@/lib/locale";
import type { Margin } from "@/lib/margin";
import { AddTime, RemoveTime } from "./time-forms";

interface Props {
  margin: Margin;
  slug: string;
  projectId: string;
  /** Who looks, where they may write: their own entries can be taken back. */
  staffId: string | null;
}

const hours = (minutes: number) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;

/** For staff alone. */
export async function MarginCard({ margin, slug, projectId, staffId }: Props) {
  const [t, locale] = await Promise.all([getTranslations("projects.margin"), getLocale()]);
  const { money } = wordsOf(locale as Locale);
  const { currency, entries } = margin;
  const figure = (minor: bigint | null) => (minor === null ? "–" : money(minor, currency));
  return (
    <Card
      title={t("title")}
      description={t("text")}
      actions={staffId && <AddTime slug={slug} projectId={projectId} />}
      isFlush
    >
      <div className="grid grid-cols-2 gap-4 px-4 py-4 sm:px-5">
        <Stat label={t("billed")} value={figure(margin.billedMinor)} />
        <Stat label={t("margin")} value={figure(margin.marginMinor)} />
        <Stat
          label={t("hours")}
          value={figure(margin.hoursMinor)}
          hint={t("hoursHint", { all: hours(margin.minutes), billable: hours(margin.billableMinutes) })}
        />
        <Stat
          label={t("compute")}
          value={figure(margin.computeMinor)}
          hint={
            margin.computeMinor === null ? t("noRate") : t("computeHint", { seconds: margin.computeSeconds })
          }
        />
      </div>
      <ul className="divide-y border-t text-sm" aria-label={t("entries")}>
        {entries.map(({ id, day, minutes, isBillable, note, staffId: by }) => (
          <li key={id} className="flex items-center gap-3 px-4 py-2.5 sm:px-5">
            <span className="figures text-ink-2 shrink-0">{day}</span>
            <span className="figures shrink-0 font-medium">{hours(minutes)}</span>
            <span className="min-w-0 flex-1 break-words">{note}</span>
            {!isBillable && <span className="text-ink-3 text-xs">{t("notBillable")}</span>}
            {by === staffId && <RemoveTime slug={slug} id={id} day={day} />}
          </li>
        ))}
      </ul>
    </Card>
  );
}
