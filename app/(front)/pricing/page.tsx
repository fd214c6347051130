import { Check } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import { getTranslations } from "next-intl/server";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { CURRENCY, FREE, PLANS, type Plan, TRAINING } from "./plans";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("front"))("pricing.title") };
}

function useMoney(): (amount: string) => string {
  const format = useFormatter();
  return (amount) =>
    format.number(Number(amount), {
      style: "currency",
      currency: CURRENCY,
      minimumFractionDigits: amount.includes(".") ? 2 : 0,
    });
}

export default function PricingPage() {
  const t = useTranslations("front.pricing");
  const money = useMoney();
  return (
    <div className="mx-auto max-w-[72rem] px-4 py-12 sm:px-6 lg:py-16">
      <h1 className="text-3xl font-semibold sm:text-4xl">{t("title")}</h1>
      <p className="text-ink-2 mt-3 max-w-2xl text-lg text-pretty">{t("text")}</p>

      <h2 className="mt-12 text-xl font-semibold">{t("call.title")}</h2>
      <p className="text-ink-2 mt-1 max-w-2xl text-pretty">{t("call.text")}</p>
      <div className="bg-surface mt-5 grid divide-y overflow-hidden rounded-lg border shadow-xs md:grid-cols-3 md:divide-x md:divide-y-0">
        {PLANS.map((plan) => (
          <PlanColumn key={plan.id} plan={plan} />
        ))}
      </div>
      <p className="text-ink-2 mt-3 text-sm">{t("training", { price: money(TRAINING) })}</p>

      <div className="mt-14 grid gap-4 md:grid-cols-2">
        {(["custom", "insight"] as const).map((way) => (
          <article key={way} className="bg-surface flex flex-col rounded-lg border p-5 shadow-xs sm:p-6">
            <h2 className="text-xl font-semibold">{t(`${way}.title`)}</h2>
            <p className="text-ink-2 mt-1.5 text-pretty">{t(`${way}.text`)}</p>
            <ul className="mt-4 mb-5 flex flex-col gap-2">
              {(["one", "two", "three"] as const).map((point) => (
                <Point key={point}>{t(`${way}.${point}`)}</Point>
              ))}
            </ul>
            <Button variant="secondary" asChild className="mt-auto self-start">
              <Link href={`/inquiry?way=${way}`}>{t(`${way}.action`)}</Link>
            </Button>
          </article>
        ))}
      </div>

      <h2 className="mt-14 text-xl font-semibold">{t("free.title")}</h2>
      <p className="text-ink-2 mt-1 max-w-2xl text-pretty">{t("free.text")}</p>
      <ul className="mt-5 mb-10 grid gap-x-8 gap-y-2.5 sm:grid-cols-2 lg:grid-cols-3">
        {FREE.map((reason) => (
          <Point key={reason}>{t(`free.${reason}`)}</Point>
        ))}
      </ul>
      <Alert tone="info">{t("note")}</Alert>
    </div>
  );
}

function PlanColumn({ plan }: { plan: Plan }) {
  const t = useTranslations("front.pricing");
  const format = useFormatter();
  const money = useMoney();
  return (
    <article className="flex flex-col p-5 sm:p-6">
      <h3 className="font-semibold">{t(`plans.${plan.id}.name`)}</h3>
      <p className="text-ink-2 mt-0.5 text-sm">{t(`plans.${plan.id}.text`)}</p>
      <p className="figures mt-5 flex items-baseline gap-1.5">
        <span className="text-3xl font-semibold">{money(plan.base)}</span>
        <span className="text-ink-3 text-sm">{t("perMonth")}</span>
      </p>
      <dl className="mt-4 mb-6 flex flex-col gap-1.5 text-sm">
        <Line name={t("included")}>
          {plan.includedRows === 0 ? t("none") : t("rows", { rows: format.number(plan.includedRows) })}
        </Line>
        <Line name={plan.includedRows === 0 ? t("thousand") : t("thousandMore")}>
          {money(plan.thousandRows)}
        </Line>
      </dl>
      <Button variant={plan.id === "volume" ? "primary" : "secondary"} asChild className="mt-auto">
        <Link href={plan.id === "metered" ? "/sign-up" : "/inquiry?way=call"}>
          {t(`plans.${plan.id}.action`)}
        </Link>
      </Button>
    </article>
  );
}

function Line({ name, children }: { name: string; children: string }) {
  return (
    <div className="flex items-baseline justify-between gap-4">
      <dt className="text-ink-2">{name}</dt>
      <dd className="figures font-medium">{children}</dd>
    </div>
  );
}

function Point({ children }: { children: string }) {
  return (
    <li className="flex items-start gap-2 text-sm">
      <Check aria-hidden className="text-accent mt-0.5 size-4 shrink-0" />
      <span className="min-w-0">{children}</span>
    </li>
  );
}
