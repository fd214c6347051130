import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Alert } from "@/components/alert";
import { Card } from "@/components/card";
import { PageHeader } from "@/components/page-header";
import { missingOf } from "@/lib/first-steps";
import { requireStaff } from "@/lib/page-session";
import { findSeller, nextNumbers } from "@/lib/seller";
import { staffMay } from "@/lib/session";
import { SellerChecklist } from "./seller-checklist";
import { SellerForm } from "./seller-form";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("operations.seller"))("title") };
}

/** Who sells: what is set, what is missing and what that holds up. */
export default async function SellerPage() {
  const person = await requireStaff("operations.read");
  const [seller, series, t, staff] = await Promise.all([
    findSeller(),
    nextNumbers(),
    getTranslations("operations.seller"),
    getTranslations("settings.staff"),
  ]);
  const missing = missingOf(seller);
  return (
    <>
      <PageHeader
        title={t("title")}
        description={t("text")}
        crumbs={[{ label: staff("operations"), href: "/operations" }]}
      />
      <div className="grid gap-4">
        {missing.length > 0 && (
          <Alert tone="warn" title={t("incomplete", { count: missing.length })}>
            {seller ? t("wrong") : t("blocks")}
          </Alert>
        )}
        <Card title={t("checklist")} isFlush>
          <SellerChecklist seller={seller} series={series} missing={missing} />
        </Card>
        {staffMay(person, "operations.manage") && (
          <Card title={t("change")} description={t("changeText")}>
            <SellerForm seller={seller} series={series} />
          </Card>
        )}
      </div>
    </>
  );
}
