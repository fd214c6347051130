import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { PageHeader } from "@/components/page-header";
import { listInquiries } from "@/lib/inquiries";
import { requireStaff } from "@/lib/page-session";
import { customersOf } from "@/lib/staff";
import { InquiryList } from "../inquiry-list";
import { CustomerTable } from "./customer-table";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("settings.staff"))("desk") };
}

export default async function DeskPage() {
  const person = await requireStaff("desk.read");
  const [customers, inquiries, t] = await Promise.all([
    customersOf(person),
    listInquiries(),
    getTranslations("settings.staff"),
  ]);
  return (
    <>
      <PageHeader title={t("desk")} description={t("deskText")} />
      <div className="grid gap-4">
        <Card title={t("customers")} isFlush>
          <CustomerTable customers={customers} />
        </Card>
        <InquiryList inquiries={inquiries} />
      </div>
    </>
  );
}
