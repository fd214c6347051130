import { getLocale, getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
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
  /** Null without a plan: then nothing is spent. */
  spentMinor: bigint | null;
  canChange: boolean;
}

/** How much of its spend limit the running period has used, and what happens at the end of it. */
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
  return (
    <Card title={t("title")} description={t("text")}>
      <div className="grid max-w-prose gap-3">
        <p className="font-medium">
          {budget === null
            ? t("none")
            : t("used", {
                spent: money(spentMinor ?? 0n, currency),
                limit: money(budget.hardMinor, currency),
              })}
        </p>
        <p className="text-ink-2 text-sm">{t("what")}</p>
        {canChange && (
          <LimitForm
            slug={slug}
            currency={currency}
            digits={minorDigits(currency)}
            limit={budget === null ? "" : decimalOf(budget.hardMinor, currency)}
          />
        )}
      </div>
    </Card>
  );
}
