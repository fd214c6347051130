import { getFormatter, getLocale, getTranslations } from "next-intl/server";
import { Badge } from "@/components/badge";
import { Card } from "@/components/card";
import { wordsOf } from "@/lib/document-words";
import type { Locale } from "@/lib/locale";
import { beginsAt, type OfferedPlan } from "@/lib/plan-choice";
import type { PriceSheet } from "@/lib/price-sheet";
import { ChoosePlan } from "./choose-plan";

interface Props {
  slug: string;
  plans: readonly OfferedPlan[];
  current: PriceSheet | null;
  currency: string;
  canChoose: boolean;
}

/** What one may be on, what it costs, and when a change of it begins. */
export async function PlanCard({ slug, plans, current, currency, canChoose }: Props) {
  const [t, format, locale] = await Promise.all([
    getTranslations("billing.plans"),
    getFormatter(),
    getLocale(),
  ]);
  if (plans.length === 0) return null;
  const { amount } = wordsOf(locale as Locale);
  const now = new Date();
  return (
    <Card title={t("title")} description={t("text")} isFlush>
      <ul className="divide-y">
        {plans.map(({ id, name, sheet, isCurrent }) => {
          const rows = sheet.meters["inference.row"];
          const [first] = rows?.tiers ?? [];
          const at = beginsAt(sheet, current, now);
          return (
            <li key={id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 text-sm sm:px-5">
              <span className="w-32 font-medium break-words">{name}</span>
              <span className="text-ink-2 min-w-0 flex-1">
                {t("price", {
                  base: amount(sheet.base, currency),
                  included: BigInt(rows?.included ?? 0).toString(),
                  unit: first ? `${currency} ${first.unit_decimal}` : "–",
                })}
              </span>
              {isCurrent ? (
                <Badge tone="good">{t("current")}</Badge>
              ) : (
                canChoose && (
                  <ChoosePlan
                    slug={slug}
                    planId={id}
                    name={name}
                    begins={at === now ? null : format.dateTime(at, { dateStyle: "long" })}
                  />
                )
              )}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
