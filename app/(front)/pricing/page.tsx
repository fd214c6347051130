import { Check, MessageCircleQuestion } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { getTranslations } from "next-intl/server";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { EmptyState } from "@/components/empty-state";
import { isSignUpOpen } from "@/lib/platform-settings";
import { type PublicPrices, publicPrices } from "@/lib/public-prices";
import { PlanColumn } from "./plan-column";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("front"))("pricing.title") };
}

/** What usage records as free, each with its reason. */
const FREE = ["idle", "failed", "console", "errors", "probe"] as const;

interface Props {
  searchParams: Promise<{ currency?: string | string[] }>;
}

/** The front door stays open while the database is away: then nobody can say what a plan costs. */
const readPrices = () =>
  Promise.all([publicPrices(), isSignUpOpen()]).then(
    ([prices, isOpen]) => ({ prices, isOpen }),
    () => null,
  );

export default async function PricingPage({ searchParams }: Props) {
  const [found, t, { currency }] = await Promise.all([
    readPrices(),
    getTranslations("front.pricing"),
    searchParams,
  ]);
  const prices = found?.prices ?? [];
  const shown = prices.find((one) => one.currency === currency) ?? prices[0];
  return (
    <div className="mx-auto max-w-[72rem] px-4 py-12 sm:px-6 lg:py-16">
      <h1 className="text-3xl font-semibold sm:text-4xl">{t("title")}</h1>
      <p className="text-ink-2 mt-3 max-w-2xl text-lg text-pretty">{t("text")}</p>

      <h2 className="mt-12 text-xl font-semibold">{t("call.title")}</h2>
      <p className="text-ink-2 mt-1 max-w-2xl text-pretty">{t("call.text")}</p>
      <Currencies prices={prices} shown={shown?.currency} />
      {shown ? (
        <div className="mt-5 grid gap-4 md:grid-cols-[repeat(auto-fit,minmax(16rem,1fr))]">
          {shown.plans.map((plan) => (
            <PlanColumn
              key={plan.id}
              plan={plan}
              currency={shown.currency}
              isSignUpOpen={found?.isOpen ?? false}
            />
          ))}
        </div>
      ) : (
        <div className="bg-surface mt-5 rounded-lg border shadow-xs">
          <EmptyState
            icon={<MessageCircleQuestion />}
            title={found ? t("noPlans") : t("unknown")}
            text={found ? t("noPlansText") : t("unknownText")}
            action={
              <Button asChild>
                <Link href="/inquiry?way=call">{t("ask")}</Link>
              </Button>
            }
          />
        </div>
      )}

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
      {shown && <Alert tone="info">{t("note")}</Alert>}
    </div>
  );
}

/** Where plans are priced in more than one currency. */
function Currencies({ prices, shown }: { prices: readonly PublicPrices[]; shown: string | undefined }) {
  const t = useTranslations("front.pricing");
  if (prices.length < 2) return null;
  return (
    <nav aria-label={t("currencies")} className="mt-4 flex gap-3 text-sm">
      {prices.map(({ currency }) => (
        <Link
          key={currency}
          href={`/pricing?currency=${currency}`}
          aria-current={currency === shown ? "page" : undefined}
          className="aria-[current]:font-semibold link"
        >
          {currency}
        </Link>
      ))}
    </nav>
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
