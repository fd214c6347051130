import Link from "next/link";
import { useFormatter, useLocale, useTranslations } from "next-intl";
import { Button } from "@/components/button";
import { minorDigits } from "@/lib/money";
import { type PriceLine, type PublicPlan, priceLinesOf } from "@/lib/public-prices";

interface Props {
  plan: PublicPlan;
  currency: string;
  isSignUpOpen: boolean;
}

/** What one plan costs, each figure as its price sheet has it. */
export function PlanColumn({ plan, currency, isSignUpOpen }: Props) {
  const t = useTranslations("front.pricing");
  const money = useMoney(currency);
  const format = useFormatter();
  const { base, commitment, limits } = plan.sheet;
  return (
    <article className="bg-surface flex flex-col rounded-lg border p-5 shadow-xs sm:p-6">
      <h3 className="font-semibold break-words">{plan.name}</h3>
      <p className="figures mt-4 flex flex-wrap items-baseline gap-1.5">
        <span className="text-3xl font-semibold">{money(base)}</span>
        <span className="text-ink-3 text-sm">{t("perMonth")}</span>
      </p>
      <dl className="mt-4 mb-6 flex flex-col gap-1.5 text-sm">
        {priceLinesOf(plan.sheet).map((line) => (
          <Line key={`${line.meter} ${line.from}`} line={line} money={money} />
        ))}
        {commitment && (
          <Pair
            name={t("commitment", { months: commitment.months })}
            value={t("atLeast", { amount: money(commitment.amount) })}
          />
        )}
        {limits?.requests_per_minute !== undefined && (
          <Pair name={t("requestsPerMinute")} value={format.number(limits.requests_per_minute)} />
        )}
        {limits?.tokens_per_minute !== undefined && (
          <Pair name={t("tokensPerMinute")} value={format.number(limits.tokens_per_minute)} />
        )}
      </dl>
      <Button variant="secondary" asChild className="mt-auto">
        <Link href={isSignUpOpen ? "/sign-up" : "/inquiry?way=call"}>
          {isSignUpOpen ? t("signUp") : t("ask")}
        </Link>
      </Button>
    </article>
  );
}

function Line({ line, money }: { line: PriceLine; money: (decimal: string) => string }) {
  const t = useTranslations("front.pricing");
  const format = useFormatter();
  const { meter, from, to, decimal } = line;
  const key = meter.replace(".", "_") as "inference_row";
  if (decimal === null)
    return <Pair name={t(`included.${key}`)} value={to === null ? "–" : format.number(to)} />;
  const what = t(`units.${key}`);
  const isAll = from === 0n && to === null;
  const bounds = { what, from: format.number(from), to: to === null ? "" : format.number(to) };
  const name = isAll ? what : to === null ? t("beyond", bounds) : t("upTo", bounds);
  return <Pair name={name} value={money(decimal)} />;
}

function Pair({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex items-baseline justify-between gap-4">
      <dt className="text-ink-2">{name}</dt>
      <dd className="figures text-right font-medium">{value}</dd>
    </div>
  );
}

/** A price is a decimal of up to twelve places and is written as it is: no figure passes through binary fractions. */
function useMoney(currency: string): (decimal: string) => string {
  const locale = useLocale();
  return (decimal) =>
    new Intl.NumberFormat(locale, {
      style: "currency",
      currency,
      minimumFractionDigits: decimal.includes(".") ? minorDigits(currency) : 0,
      maximumFractionDigits: 12,
    }).format(decimal as Intl.StringNumericLiteral);
}
