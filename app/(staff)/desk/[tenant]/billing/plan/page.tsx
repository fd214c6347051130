import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Alert } from "@/components/alert";
import { PageHeader } from "@/components/page-header";
import { draftOf } from "@/components/sheet-drafts";
import { plansOfCustomer } from "@/lib/customer-plans";
import { orNotFound, requireStaff } from "@/lib/page-session";
import { sheetsInForce } from "@/lib/plans";
import { customerOf } from "@/lib/staff";
import { SubscriptionEditor } from "./subscription-editor";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("billing.subscription"))("change") };
}

/** Puts a customer on a plan from a day on: at its prices, or with some agreed otherwise. */
export default async function CustomerPlanPage({ params }: { params: Promise<{ tenant: string }> }) {
  const { tenant: slug } = await params;
  const person = await requireStaff("billing.write");
  const { tenantId, name } = await orNotFound(customerOf(person, slug));
  const now = new Date();
  const { currency, current, offered } = await plansOfCustomer(tenantId, now);
  if (currency === null) return notFound();
  const [t, billing] = await Promise.all([
    getTranslations("billing.subscription"),
    getTranslations("billing"),
  ]);
  return (
    <>
      <PageHeader
        title={t("change")}
        description={t("changeText")}
        crumbs={[
          { label: name, href: `/desk/${slug}` },
          { label: billing("title"), href: `/desk/${slug}/billing` },
        ]}
      />
      {offered.length === 0 ? (
        <Alert tone="warn">{t("noPlans", { currency })}</Alert>
      ) : (
        <SubscriptionEditor
          slug={slug}
          currency={currency}
          before={draftOf(current?.overrides ?? {})}
          currentPlan={current?.planId ?? null}
          plans={offered.map(({ id, name: plan, sheets }) => ({
            id,
            name: plan,
            sheet: sheetsInForce(sheets, now).find((sheet) => sheet.currency === currency)?.sheet ?? null,
          }))}
          today={now.toISOString().slice(0, 10)}
        />
      )}
    </>
  );
}
