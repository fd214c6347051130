import { getLocale, getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { Progress } from "@/components/progress";
import { readBudget } from "@/lib/budgets";
import { wordsOf } from "@/lib/document-words";
import type { Locale } from "@/lib/locale";
import { decimalOf, minorDigits } from "@/lib/money";
import { LimitForm } from "./limit-form";

interface Props {
  tenantId: string;
  slug: string;
  /** Null before there is a billing profile. */
  currency: string | null;
  /** Of the calendar month; null without a plan: then nothing is spent. */
  spentMinor: bigint | null;
  canChange: boolean;
}

/** How much of its spend limit the month has used, when people are told, and what happens at the end of it. */
export async function LimitCard({ tenantId, slug, currency, spentMinor, canChange }: Props) {
  const [budget, t, locale] = await Promise.all([
    readBudget(tenantId),
    getTranslations("billing.limit"),
    getLocale(),
  ]);
  if (currency === null)
    return (
      <Card title={t("title")} description={t("text")}>
        <p className="text-ink-2 text-sm">{t("needsProfile")}</p>
      </Card>
    );
  const { money } = wordsOf(locale as Locale);
  const { softMinor = null, hardMinor = null } = budget ?? {};
  const spent = spentMinor ?? 0n;
  const written = (minor: bigint | null) => (minor === null ? "" : decimalOf(minor, currency));
  return (
    <Card title={t("title")} description={t("text")}>
      <div className="grid max-w-prose gap-3">
        {hardMinor === null ? (
          <p className="font-medium">{t("none", { spent: money(spent, currency) })}</p>
        ) : (
          <Progress
            label={t("used", { spent: money(spent, currency), limit: money(hardMinor, currency) })}
            value={hardMinor === 0n ? 1 : Number(spent) / Number(hardMinor)}
          />
        )}
        {softMinor !== null && <p className="text-sm">{t("told", { amount: money(softMinor, currency) })}</p>}
        <p className="text-ink-2 text-sm">{t("what")}</p>
        {canChange && (
          <LimitForm
            slug={slug}
            currency={currency}
            digits={minorDigits(currency)}
            soft={written(softMinor)}
            hard={written(hardMinor)}
          />
        )}
      </div>
    </Card>
  );
}
